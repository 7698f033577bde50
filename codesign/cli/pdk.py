"""The commands `codesign pdk ...`."""

import typer

from codesign.pdk import device_names, ensure_pdk, find_pdk, install_pdk_with_progress_bar

app = typer.Typer(help="Find or install the process's models.", no_args_is_help=True)


@app.command()
def install() -> None:
    """Install the process's models into the user data folder: a download of some tens of MB."""
    typer.echo(install_pdk_with_progress_bar().root)


@app.command()
def where() -> None:
    """Print where the models are that simulations use, how they were found, and their version."""
    pdk = find_pdk()
    typer.echo(f"{pdk.root}\nfound by: {pdk.source}\nversion: {pdk.version}")


@app.command()
def devices() -> None:
    """List the devices that a netlist can use."""
    for name in sorted(device_names(ensure_pdk())):
        typer.echo(name)
