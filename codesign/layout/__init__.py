"""Layout: cells drawn with gdstk, design rule checks, layout versus schematic, parasitics."""
