// Traces that can be moved around in: drawn by uPlot from the JSON on this page.
"use strict";
(() => {
  const viewer = document.getElementById("viewer");
  const sets = JSON.parse(document.getElementById("traces").textContent);
  const colours = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#B8A800"];
  const mostShown = 8;
  const find = (name) => viewer.querySelector(`[data-part="${name}"]`);
  const choices = Object.fromEntries(["title", "name", "layer", "input"].map((name) => [name, find(name)]));
  const hidden = new Set(); // neurons that are switched off, by number
  const charts = [];
  let range = null; // shown part of the window, µs; null is all of it
  let moving = false;

  // 131 nV, 2.03 mV, 1.27 V: three digits, as on the rest of the page.
  function quantity(value, unit, scale) {
    if (value === null || value === undefined) return "";
    if (value === 0) return `0 ${unit}`;
    const prefixes = ["f", "p", "n", "µ", "m", "", "k", "M"];
    const rounded = Number((value * scale).toPrecision(3));
    const step = Math.max(-5, Math.min(2, Math.floor(Math.log10(Math.abs(rounded)) / 3 + 1e-9)));
    return `${(rounded / 1000 ** step).toPrecision(3)} ${prefixes[step + 5]}${unit}`;
  }
  const volts = (value) => quantity(value, "V", 1e-3);
  const millivolts = (value) => (value === null || value === undefined ? "" : `${value.toFixed(2)} mV`);

  function fill(select, labels) {
    const before = select.value;
    select.replaceChildren(...labels.map((label, index) => new Option(label, String(index))));
    if (labels.some((_, index) => String(index) === before)) select.value = before;
    select.disabled = labels.length < 2;
  }

  const titles = [...new Set(sets.map((set) => set.title))];
  const ofTitle = () => sets.filter((set) => set.title === titles[choices.title.value]);
  const current = () => ofTitle()[choices.name.value];
  const layer = () => current().layers[choices.layer.value];

  function whole() {
    const times = current().times;
    return [times[0], times[times.length - 1]];
  }

  // Every chart of membranes shows the same part of the window.
  function show(from, to) {
    const [first, last] = whole();
    const span = Math.min(to - from, last - first);
    const start = Math.max(first, Math.min(from, last - span));
    range = span >= last - first ? null : [start, start + span];
    moving = true;
    for (const chart of charts) chart.setScale("x", { min: start, max: start + span });
    moving = false;
  }

  const zoom = (factor, at) => {
    const [from, to] = range ?? whole();
    const centre = at ?? (from + to) / 2;
    show(centre - (centre - from) * factor, centre + (to - centre) * factor);
  };
  const pan = (part) => {
    const [from, to] = range ?? whole();
    show(from + part * (to - from), to + part * (to - from));
  };

  // The wheel zooms about the pointer, a drag with Shift moves along; a drag alone zooms, a double click shows all.
  const navigation = {
    hooks: {
      ready: (chart) => {
        chart.over.addEventListener("wheel", (event) => {
          event.preventDefault();
          const at = chart.posToVal(event.clientX - chart.over.getBoundingClientRect().left, "x");
          zoom(event.deltaY < 0 ? 0.8 : 1.25, at);
        });
        chart.root.addEventListener("mousedown", (event) => {
          if (!event.shiftKey || event.target !== chart.over) return;
          event.preventDefault();
          event.stopPropagation();
          const [from, to] = range ?? whole();
          const scale = (to - from) / chart.over.clientWidth;
          const move = (moved) => show(from - (moved.clientX - event.clientX) * scale, to - (moved.clientX - event.clientX) * scale);
          document.addEventListener("mousemove", move);
          document.addEventListener("mouseup", () => document.removeEventListener("mousemove", move), { once: true });
        }, true);
      },
      setScale: (chart, key) => {
        if (key !== "x" || moving) return;
        show(chart.scales.x.min, chart.scales.x.max);
      },
      setSeries: (chart, index, options) => {
        if (moving || index === null || options.show === undefined) return;
        const neuron = chart.series[index].neuron;
        if (options.show) hidden.delete(neuron);
        else hidden.add(neuron);
        moving = true;
        for (const each of charts)
          each.series.forEach((series, at) => {
            if (series.neuron === neuron) each.setSeries(at, { show: options.show });
          });
        moving = false;
      },
    },
  };

  function chart(part, label, height, series, rows, value) {
    const options = {
      width: find(part).clientWidth || 900,
      height,
      scales: { x: { time: false, range: (_, min, max) => [min, max] } },
      axes: [{ label: "time in the accumulation window (µs)" }, { label, size: 70 }],
      legend: { live: true },
      cursor: { sync: { key: "traces" }, drag: { x: true, y: false } },
      series: [{ label: "time", value: (_, time) => (time === null ? "" : `${time.toFixed(4)} µs`) }, ...series.map((one) => ({ ...one, value: (_, found) => value(found) }))],
      plugins: [navigation],
    };
    const made = new uPlot(options, [current().times, ...rows], find(part));
    charts.push(made);
  }

  function neurons(rows) {
    return rows.map((row, index) => index).filter((index) => rows[index].some((value) => value !== null));
  }

  function draw() {
    for (const one of charts.splice(0)) one.destroy();
    const input = Number(choices.input.value);
    const circuit = layer().circuit[input];
    const errors = layer().errors[input];
    const shown = neurons(circuit);
    const off = (neuron) => hidden.has(neuron);
    const style = (neuron, more) => ({ neuron, show: !off(neuron), points: { show: false }, stroke: colours[neuron % colours.length], ...more });
    const model = (neuron) => circuit[neuron].map((value, at) => (value === null || errors[neuron][at] === null ? null : value + errors[neuron][at]));
    moving = true;
    chart("membranes", "membrane (mV)", 340,
      shown.flatMap((neuron) => [
        style(neuron, { label: `${neuron + 1}, SPICE`, width: 2 }),
        style(neuron, { label: `${neuron + 1}, model`, width: 1.3, stroke: "#000000", dash: [6, 4] }),
      ]),
      shown.flatMap((neuron) => [circuit[neuron], model(neuron)]), millivolts);
    chart("errors", "error (mV)", 220,
      shown.map((neuron) => style(neuron, { label: `${neuron + 1}, model − SPICE`, width: 1.5 })),
      shown.map((neuron) => errors[neuron]), volts);
    moving = false;
    if (range) show(...range);
    for (const cell of find("map").querySelectorAll("button"))
      cell.setAttribute("aria-pressed", String(Number(cell.dataset.input) === input));
  }

  const rms = (values) => {
    const known = values.filter((value) => value !== null);
    return known.length ? Math.sqrt(known.reduce((sum, value) => sum + value * value, 0) / known.length) : null;
  };

  // One cell for each neuron and input, the darker the larger the error, on a logarithmic scale.
  function drawMap() {
    const cells = layer().errors.map((neuronsOf) => neuronsOf.map(rms));
    const known = cells.flat().filter((value) => value !== null && value > 0);
    const least = Math.min(...known);
    const most = Math.max(...known);
    const depth = (value) => (most > least ? Math.log(value / least) / Math.log(most / least) : 0.5);
    const grid = find("map");
    grid.style.gridTemplateColumns = `auto repeat(${cells.length}, minmax(0.5rem, 1.6rem))`;
    const made = [];
    for (let neuron = 0; neuron < cells[0].length; neuron += 1) {
      const label = document.createElement("span");
      label.textContent = String(neuron + 1);
      made.push(label);
      cells.forEach((row, input) => {
        const cell = document.createElement("button");
        const value = row[neuron];
        cell.type = "button";
        cell.dataset.input = String(input);
        cell.title = `${choices.input.options[input].text}, neuron ${neuron + 1}: ${value === null ? "none" : `${volts(value)} rms`}`;
        cell.setAttribute("aria-label", cell.title);
        cell.style.background = value ? `hsl(202 100% ${96 - 72 * depth(value)}%)` : "#ffffff";
        made.push(cell);
      });
    }
    grid.replaceChildren(...made);
    find("range").textContent = known.length ? `rms error, pale ${volts(least)} to dark ${volts(most)}` : "no error is known";
  }

  let spikeChart = null;
  function drawSpikes() {
    spikeChart?.destroy();
    spikeChart = null;
    const [membranes, times, errors] = current().spikes;
    find("spikes").parentElement.hidden = membranes.length === 0;
    if (membranes.length === 0) return;
    const points = { show: true, size: 6, fill: colours[1], stroke: colours[1] };
    spikeChart = new uPlot(
      {
        width: find("spikes").clientWidth || 900,
        height: 240,
        scales: { x: { time: false } },
        axes: [{ label: "membrane at the end of the window (mV)" }, { label: "fit error (ns)", size: 70 }],
        cursor: { drag: { x: true, y: true } },
        series: [
          { label: "membrane", value: (_, found) => millivolts(found) },
          { label: "fit − SPICE", paths: () => null, points, value: (_, found) => quantity(found, "s", 1e-9) },
          { label: "spike time", scale: "time", paths: () => null, points: { show: false }, value: (_, found) => quantity(found, "s", 1e-6) },
        ],
      },
      [membranes, errors, times],
      find("spikes"),
    );
  }

  function chooseSet() {
    fill(choices.name, ofTitle().map((set) => set.name));
    fill(choices.layer, current().layers.map((one) => one.name));
    range = null;
    const left = current().inputs - layer().circuit.length;
    find("left-out").textContent = left > 0 ? `The last ${left} inputs are in traces.npz only.` : "";
    drawSpikes();
    chooseLayer();
  }
  function chooseLayer() {
    const what = current().spikes[0].length ? "network" : "input";
    fill(choices.input, layer().circuit.map((_, index) => `${what} ${index + 1}`));
    hidden.clear();
    neurons(layer().circuit[0]).slice(mostShown).forEach((neuron) => hidden.add(neuron));
    drawMap();
    draw();
  }

  viewer.hidden = false; // Before the first drawing, which needs the width.
  try {
    fill(choices.title, titles);
    choices.title.addEventListener("change", chooseSet);
    choices.name.addEventListener("change", chooseSet);
    choices.layer.addEventListener("change", chooseLayer);
    choices.input.addEventListener("change", draw);
    const buttons = { closer: () => zoom(0.5), wider: () => zoom(2), left: () => pan(-0.25), right: () => pan(0.25), all: () => show(...whole()) };
    for (const [name, act] of Object.entries(buttons)) find(name).addEventListener("click", act);
    find("map").addEventListener("click", (event) => {
      if (event.target.dataset.input === undefined) return;
      choices.input.value = event.target.dataset.input;
      draw();
    });
    window.addEventListener("resize", () => {
      draw();
      drawSpikes();
    });
    chooseSet();
    document.body.classList.add("interactive");
  } catch (error) {
    viewer.hidden = true; // The picture stays.
    throw error;
  }
})();
