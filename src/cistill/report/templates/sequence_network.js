// The network that a page keeps, in plain JavaScript: the figures of `cistill predict` and `cistill marginalize` with
// the same 16-bit weights and controls without reads (src/cistill/model/network). Functions that take long are
// generators that yield between layers, so that the page stays awake.
const sequenceNetwork = (() => {
  "use strict";
  const UNKNOWN = 4;

  // Channels are padded to a multiple of four, so that inner loops need no rest.
  const padded = (n) => 4 * Math.ceil(n / 4);

  function* range(n) {
    for (let i = 0; i < n; i++) yield i;
  }

  function half(bits) {
    const sign = bits & 0x8000 ? -1 : 1;
    const exponent = (bits >> 10) & 0x1f;
    const fraction = bits & 0x3ff;
    return sign * (exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : 2 ** -14 * (fraction / 1024));
  }

  function decoded({ shape, float16 }) {
    const bytes = atob(float16);
    const values = new Float64Array(bytes.length / 2);
    for (let i = 0; i < values.length; i++) {
      values[i] = half(bytes.charCodeAt(2 * i) | (bytes.charCodeAt(2 * i + 1) << 8));
    }
    return { shape, values };
  }

  // A convolution's kernels: `at(output, channel, offset)` of (outputs, channels, width), laid out [output][offset][channel].
  function kernel(outputs, channels, width, at, bias, dilation) {
    const stride = padded(channels);
    const values = new Float64Array(padded(outputs) * width * stride);
    for (const o of range(outputs)) {
      for (const k of range(width)) {
        for (const c of range(channels)) values[(o * width + k) * stride + c] = at(o, c, k);
      }
    }
    const biases = new Float64Array(padded(outputs));
    biases.set(bias);
    return { outputs, width, stride, values, biases, dilation };
  }

  // Kernels of a trunk layer; those of the distill family are used in both orientations, and read the mean of all layers.
  function trunkKernel(config, weight, bias, dilation, number) {
    const [filters, channels, width] = weight.shape;
    const given = (o, c, k) => weight.values[(o * channels + c) * width + k];
    if (config.family !== "distill") return kernel(filters, channels, width, given, bias.values, dilation);
    const scale = 1 / Math.max(number, 1);
    const at = (o, c, k) =>
      scale * (o < filters ? given(o, c, k) : given(2 * filters - 1 - o, channels - 1 - c, width - 1 - k));
    return kernel(2 * filters, channels, width, at, [...bias.values, ...bias.values.slice().reverse()], dilation);
  }

  function profileKernel(config, weight, bias) {
    const [rows, channels, width] = weight.shape;
    const given = (o, c, k) => weight.values[(o * channels + c) * width + k];
    if (config.family !== "distill") return kernel(rows, channels, width, given, bias.values, 1);
    const at = (o, c, k) => (o % 2 ? given(o >> 1, channels - 1 - c, width - 1 - k) : given(o >> 1, c, k));
    return kernel(2 * rows, channels, width, at, [...bias.values].flatMap((value) => [value, value]), 1);
  }

  // The network of a page model, ready to compute.
  function prepare(model) {
    const config = model.network;
    const weights = Object.fromEntries(Object.entries(model.weights).map(([name, stored]) => [name, decoded(stored)]));
    const named = (name) => [weights[`${name}.weight`], weights[`${name}.bias`]];
    const dilated = [...range(config.layers)].map((i) =>
      trunkKernel(config, ...named(`dilated.${i}`), 2 ** (i + 1), i + 1),
    );
    const backgrounds = model.backgrounds.map(encode);
    return {
      config,
      weights,
      backgrounds,
      first: trunkKernel(config, ...named("first"), 1, 0),
      dilated,
      profile: profileKernel(config, weights.profile_weight, weights.profile_bias),
      tasks: model.tasks,
      shown: model.votes.map((task) => model.tasks.indexOf(task)),
      alone: new Map(),
    };
  }

  function encode(text) {
    return Uint8Array.from(text, (letter) => {
      const code = "ACGT".indexOf(letter);
      return code < 0 ? UNKNOWN : code;
    });
  }

  const reverseComplement = (codes) => codes.map((code) => (code < UNKNOWN ? 3 - code : code)).reverse();

  // The first layer: one base at each position, so that columns of the kernels are summed up.
  function firstLayer(codes, { outputs, width, stride, values, biases }) {
    const length = codes.length - width + 1;
    const columns = padded(outputs);
    const made = new Float64Array((length + 1) * columns);
    const table = new Float64Array(width * 4 * columns); // [offset][base][output]
    for (let o = 0; o < outputs; o++) {
      for (let k = 0; k < width; k++) {
        for (let b = 0; b < 4; b++) table[(k * 4 + b) * columns + o] = values[(o * width + k) * stride + b];
      }
    }
    for (let p = 0; p < length; p++) {
      const row = made.subarray(p * columns, (p + 1) * columns);
      row.set(biases);
      for (let k = 0; k < width; k++) {
        if (codes[p + k] >= UNKNOWN) continue;
        const start = (k * 4 + codes[p + k]) * columns;
        for (let o = 0; o < columns; o++) row[o] += table[start + o];
      }
    }
    return { length, columns, values: made };
  }

  // A valid convolution. Two positions and four outputs at once; one row more than needed is there for the second.
  function convolved(x, { width, stride, values, biases, dilation }) {
    const length = x.length - (width - 1) * dilation;
    const columns = biases.length;
    const made = new Float64Array((length + 1) * columns);
    const from = x.values;
    const row = width * stride;
    for (let p = 0; p < length; p += 2) {
      for (let o = 0; o < columns; o += 4) {
        let a0 = biases[o], a1 = biases[o + 1], a2 = biases[o + 2], a3 = biases[o + 3];
        let b0 = a0, b1 = a1, b2 = a2, b3 = a3;
        for (let k = 0; k < width; k++) {
          let i = (p + k * dilation) * stride;
          let w0 = o * row + k * stride;
          let w1 = w0 + row, w2 = w1 + row, w3 = w2 + row;
          for (const end = i + stride; i < end; i++, w0++, w1++, w2++, w3++) {
            const u = from[i], v = from[i + stride];
            const c0 = values[w0], c1 = values[w1], c2 = values[w2], c3 = values[w3];
            a0 += u * c0; a1 += u * c1; a2 += u * c2; a3 += u * c3;
            b0 += v * c0; b1 += v * c1; b2 += v * c2; b3 += v * c3;
          }
        }
        const at = p * columns + o;
        made[at] = a0; made[at + 1] = a1; made[at + 2] = a2; made[at + 3] = a3;
        const next = at + columns;
        made[next] = b0; made[next + 1] = b1; made[next + 2] = b2; made[next + 3] = b3;
      }
    }
    return { length, columns, values: made };
  }

  function relu(x) {
    const { values } = x;
    for (let i = 0; i < values.length; i++) if (values[i] < 0) values[i] = 0;
    return x;
  }

  const copied = (x) => ({ ...x, values: x.values.slice() });

  function cropped(x, length) {
    const start = Math.floor((x.length - length) / 2) * x.columns;
    return { ...x, length, values: x.values.subarray(start, start + (length + 1) * x.columns) };
  }

  function add(x, other) {
    const added = cropped(other, x.length).values;
    const end = x.length * x.columns;
    for (let i = 0; i < end; i++) x.values[i] += added[i];
  }

  function* trunk(network, codes) {
    const { config, first, dilated } = network;
    const kind = config.residual;
    let hidden = firstLayer(codes, first);
    if (kind !== "pre") relu(hidden);
    yield;
    for (let i = 0; i < dilated.length; i++) {
      const made = convolved(kind === "pre" ? relu(copied(hidden)) : hidden, dilated[i]);
      const adds = i < config.layers - 1 || config.last_residual || config.family === "distill";
      if (kind === "post") relu(made);
      if (adds) add(made, hidden);
      if (kind === "sum") relu(made);
      hidden = made;
      yield;
    }
    if (kind === "pre") relu(hidden);
    if (config.family === "distill") hidden.values = hidden.values.map((value) => value / (config.layers + 1));
    return hidden;
  }

  // Mean over positions, then a linear layer: one number for each row of its weights.
  function pooledCounts({ config, weights }, hidden) {
    const channels = config.family === "distill" ? 2 * config.filters : config.filters;
    const sums = new Float64Array(channels);
    for (let p = 0; p < hidden.length; p++) {
      for (let c = 0; c < channels; c++) sums[c] += hidden.values[p * hidden.columns + c];
    }
    const { shape, values } = weights["count.weight"];
    const bias = weights["count.bias"].values;
    const of = (row, pooled) => pooled.reduce((sum, value, c) => sum + (value / hidden.length) * values[row * channels + c], bias[row]);
    const rows = [...range(shape[0])];
    if (config.family !== "distill") return rows.map((row) => of(row, sums));
    const turned = sums.slice().reverse();
    return rows.flatMap((row) => [of(row, sums), of(row, turned)]);
  }

  // Rows of profile logits [task * strands + strand][position], joined as the heads join them, without control reads.
  function mixedProfile({ config, weights }, rows) {
    const strands = config.strands;
    const sum = (parts, bias) => rows[0].map((_, p) => parts.reduce((total, [weight, row]) => total + weight * row[p], bias));
    if (config.family === "distill") {
      const { shape, values } = weights.profile_mix_weight;
      const own = shape[1] / 2 - 1;
      return rows.map((row, r) => {
        const task = r >> 1;
        const [a, b] = [values[task * shape[1] + own], values[task * shape[1] + own + 1]];
        return sum([[a, row], [b, rows[r ^ 1]]], weights.profile_mix_bias.values[task]);
      });
    }
    if (!config.controls || config.profile_control === "wide") return rows;
    const { shape, values } = weights["profile_mix.weight"];
    return rows.map((_, r) => {
      const task = Math.floor(r / strands);
      const parts = [...range(strands)].map((s) => [values[r * shape[1] + s], rows[task * strands + s]]);
      return sum(parts, weights["profile_mix.bias"].values[r]);
    });
  }

  function mixedCounts({ config, weights }, counts, perTask) {
    if (!config.controls || config.family === "distill") return counts;
    const { shape, values } = weights["count_mix.weight"];
    const joint = config.count_control.startsWith("joint") ? Math.log(config.count_control_pseudocount) : 0;
    return counts.map((_, r) => {
      const task = Math.floor(r / perTask);
      let total = weights["count_mix.bias"].values[r];
      for (const s of range(perTask)) total += values[r * shape[1] + s] * counts[task * perTask + s];
      return joint ? total + values[r * shape[1] + perTask] * joint : total;
    });
  }

  // One pass: logits [task][strand][position] and log counts [task][strand, or one for both].
  function* pass(network, codes) {
    const { config } = network;
    const hidden = yield* trunk(network, codes);
    const inner = cropped(hidden, hidden.length - 2 * config.profile_crop);
    const wide = convolved(inner, network.profile);
    yield;
    const rows = [...range(network.profile.outputs)].map((o) => {
      const row = new Float64Array(wide.length);
      for (let p = 0; p < wide.length; p++) row[p] = wide.values[p * wide.columns + o];
      return row;
    });
    const perTask = config.joint_counts ? 1 : config.strands;
    const counts = mixedCounts(network, pooledCounts(network, hidden), perTask);
    const inTasks = (list, size) => [...range(config.tasks)].map((task) => list.slice(task * size, (task + 1) * size));
    return { logits: inTasks(mixedProfile(network, rows), config.strands), counts: inTasks(counts, perTask) };
  }

  // Probabilities of logits over all given rows together.
  function softmax(rows) {
    const largest = Math.max(...rows.map((row) => row.reduce((a, b) => Math.max(a, b))));
    const made = rows.map((row) => row.map((value) => Math.exp(value - largest)));
    const total = made.reduce((sum, row) => row.reduce((a, b) => a + b, sum), 0);
    return made.map((row) => row.map((value) => value / total));
  }

  // Probabilities and log counts of each strand, of one task; a profile over both strands gives each its share.
  function perStrand(config, logits, counts) {
    let share = [0.5, 0.5];
    let profile;
    if (config.joint_profile) {
      const joint = softmax(logits);
      share = joint.map((row) => row.reduce((a, b) => a + b));
      profile = joint.map((row, s) => row.map((value) => value / share[s]));
    } else {
      profile = logits.map((row) => softmax([row])[0]);
    }
    if (profile.length === 1) profile = [profile[0], profile[0]];
    if (counts.length === 1) counts = share.map((part) => Math.log1p(part * Math.max(Math.expm1(counts[0]), 0)));
    return { profile, logCounts: counts };
  }

  const mean = (a, b) => a.map((value, i) => (value + b[i]) / 2);

  // What `predict` says of a window: [task] of { profile [strand][position], logCounts [strand] }, mean of both
  // orientations. `forward` may be a pass that is there already.
  function* predict(network, codes, forward = null) {
    const { config } = network;
    const given = forward ?? (yield* pass(network, codes));
    const own = network.shown.map((task) => perStrand(config, given.logits[task], given.counts[task]));
    if (config.family === "distill") return own;
    const turned = yield* pass(network, reverseComplement(codes));
    return own.map(({ profile, logCounts }, i) => {
      const task = network.shown[i];
      const other = perStrand(config, turned.logits[task], turned.counts[task]);
      return {
        profile: profile.map((row, s) => mean(row, other.profile[1 - s].slice().reverse())),
        logCounts: mean(logCounts, other.logCounts.slice().reverse()),
      };
    });
  }

  function inserted(background, codes) {
    const made = background.slice();
    made.set(codes, Math.floor((background.length - codes.length) / 2));
    return made;
  }

  const strandMean = (counts) => counts.reduce((a, b) => a + b) / counts.length;

  // A background by itself, computed once: its pass, and what is predicted for it.
  function* alone(network, number) {
    if (!network.alone.has(number)) {
      const codes = network.backgrounds[number];
      const forward = yield* pass(network, codes);
      network.alone.set(number, { forward, predicted: yield* predict(network, codes, forward) });
    }
    return network.alone.get(number);
  }

  // What `marginalize` says of a sequence, without unknown bases, in the middle of each background:
  // `effects` [background][task], change of log counts, mean of both orientations of the sequence; and what is predicted
  // for the backgrounds with and without it, [background][task].
  function* marginalize(network, codes) {
    const found = { effects: [], predicted: [], without: [] };
    for (const number of network.backgrounds.keys()) {
      const background = network.backgrounds[number];
      const { forward, predicted } = yield* alone(network, number);
      const whole = inserted(background, codes);
      const passes = [yield* pass(network, whole), yield* pass(network, inserted(background, reverseComplement(codes)))];
      found.effects.push(
        network.shown.map((task) => {
          const changes = passes.map(({ counts }) => strandMean(counts[task]) - strandMean(forward.counts[task]));
          return strandMean(changes);
        }),
      );
      found.predicted.push(yield* predict(network, whole, passes[0]));
      found.without.push(predicted);
    }
    return found;
  }

  // Run a generator to its end: at once, or in slices between which the page may do other things.
  function atOnce(steps) {
    let step = steps.next();
    while (!step.done) step = steps.next();
    return step.value;
  }

  async function inSlices(steps, cancelled = () => false, milliseconds = 30) {
    for (;;) {
      const until = performance.now() + milliseconds;
      while (performance.now() < until) {
        const step = steps.next();
        if (step.done) return step.value;
      }
      await new Promise((resolve) => setTimeout(resolve));
      if (cancelled()) return null;
    }
  }

  return { UNKNOWN, prepare, encode, reverseComplement, pass, predict, marginalize, atOnce, inSlices };
})();
