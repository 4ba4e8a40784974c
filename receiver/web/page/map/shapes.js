// The outline of each kind of aircraft: nose up, about 20 units long, drawn at its place and turned by its track.
// Most are built from a few measures; what looks like nothing else is drawn by hand.

const mirrored = (half) => [...half, ...half.filter(([x]) => x !== 0).reverse().map(([x, y]) => [-x, y])];

/** An aeroplane: length, width of the body, wing (where, half span, sweep, chords), tail, engines along the wing or beside the body. */
function plane({ length = 20, body = 1.2, nose = 2.5, wing = -2, span = 10, sweep = 6, root = 4, tip = 1.4, tail = 7, tailSpan = 3.6, tailSweep = 2, tailTip = 1.2, engines = [], rear = 0 }) {
  const [top, end] = [-length / 2, length / 2];
  const shape = mirrored([[0, top], [body * 0.65, top + nose * 0.45], [body, top + nose], [body, wing], [span, wing + sweep], [span, wing + sweep + tip],
    [body, wing + root + Math.max(0, sweep * 0.28)], [body * 0.8, tail], [tailSpan, tail + tailSweep], [tailSpan, tail + tailSweep + tailTip], [body * 0.45, Math.min(end, tail + 2.4)], [0, end]]);
  const parts = [shape];
  for (const x of engines) for (const side of [1, -1]) {
    const y = wing + (sweep * (x - body)) / (span - body) - 1.5;
    parts.push([[side * (x - 0.75), y], [side * (x + 0.75), y], [side * (x + 0.75), y + 2.6], [side * (x - 0.75), y + 2.6]]);
  }
  if (rear) for (const side of [1, -1]) {
    const [near, far] = [side * body, side * (body + 1.5)];
    parts.push([[near, rear], [far, rear], [far, rear + 3], [near, rear + 3]]);
  }
  return parts;
}

const bar = (x, y, long, wide, degrees) => {
  const [c, s] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
  return [[-long, -wide], [long, -wide], [long, wide], [-long, wide]].map(([a, b]) => [x + a * c - b * s, y + a * s + b * c]);
};
const circle = (x, y, r, corners = 16) => Array.from({ length: corners }, (_, k) =>
  [x + r * Math.sin((2 * Math.PI * k) / corners), y - r * Math.cos((2 * Math.PI * k) / corners)]);
const straight = { sweep: 0.4, root: 2.8, tip: 1.9, tailSweep: 0.3 };

export const SHAPES = {
  narrow: { size: 1, parts: plane({ engines: [3.9] }) },
  stretched: { size: 1.08, parts: plane({ length: 23, body: 1.15, tail: 8.4, engines: [3.9] }) },
  wide: { size: 1.22, parts: plane({ length: 22, body: 1.55, span: 11.5, sweep: 7.4, root: 4.6, tail: 7.8, tailSpan: 4.2, engines: [4.2] }) },
  quad: { size: 1.28, parts: plane({ length: 22, body: 1.5, span: 11.5, sweep: 7.6, root: 4.8, tail: 7.8, tailSpan: 4.2, engines: [4, 7.6] }) },
  double: { size: 1.42, parts: plane({ length: 21.5, body: 2, span: 12.2, sweep: 7.4, root: 6.2, tip: 1.6, tail: 7, tailSpan: 4.8, engines: [4.4, 8.2] }) },
  regional: { size: 0.88, parts: plane({ length: 20, body: 1.15, wing: -0.6, span: 8, sweep: 4.2, root: 3.4, tail: 8, tailSpan: 3.3, rear: 4 }) },
  rear: { size: 0.98, parts: plane({ length: 23, body: 1.2, wing: 0, span: 8.6, sweep: 4.2, root: 3.8, tail: 9.2, tailSpan: 3.4, rear: 5 }) },
  business: { size: 0.76, parts: plane({ length: 19, body: 1.2, wing: 0.2, span: 8.4, sweep: 4.6, root: 3.4, tip: 1, tail: 7.4, tailSpan: 3.3, rear: 3.6 }) },
  microjet: { size: 0.66, parts: plane({ length: 16, body: 1.2, wing: 0, span: 8.6, sweep: 1.6, root: 2.8, tail: 5.6, tailSpan: 3, rear: 2.6 }) },
  turboprop: { size: 0.92, parts: plane({ length: 20, body: 1.2, wing: -3, span: 10.6, ...straight, tail: 7.4, tailSpan: 3.9, engines: [3.9] }) },
  quadprop: { size: 1.1, parts: plane({ length: 20, body: 1.55, wing: -3, span: 12.4, ...straight, root: 3.2, tail: 6.8, tailSpan: 4.8, engines: [4, 7.4] }) },
  oldprop: { size: 0.94, parts: plane({ length: 17, body: 1.3, nose: 2, wing: -4, span: 11.4, sweep: 1.8, root: 3.6, tip: 1.3, tail: 5.4, tailSpan: 4.2, engines: [3.4] }) },
  airlifter: { size: 1.26, parts: plane({ length: 21, body: 1.9, wing: -3.4, span: 11.4, sweep: 5, root: 4.4, tail: 7, tailSpan: 5, engines: [4.2, 7.6] }) },
  twin: { size: 0.76, parts: plane({ length: 15, body: 1.15, wing: -2.4, span: 10.4, ...straight, tail: 5, tailSpan: 3.6, engines: [3.4] }) },
  light: { size: 0.68, parts: plane({ length: 14, body: 1.15, nose: 1.4, wing: -3.2, span: 10, sweep: 0.2, root: 2.9, tip: 2.3, tail: 4.6, tailSpan: 3.6, tailSweep: 0.3 }) },
  highwing: { size: 0.7, parts: [...plane({ length: 14, body: 1.05, nose: 1.4, wing: -3.6, span: 10.6, sweep: 0, root: 2.7, tip: 2.1, tail: 4.8, tailSpan: 3.4, tailSweep: 0.2 }), bar(0, -7.1, 2.6, 0.3, 0)] },
  single: { size: 0.74, parts: [...plane({ length: 17, body: 1.1, wing: -2.4, span: 10, ...straight, tail: 6.2, tailSpan: 3.6 }), bar(0, -8.6, 2.8, 0.35, 0)] },
  biplane: { size: 0.66, parts: [...plane({ length: 13, body: 1.1, nose: 1.4, wing: -4, span: 9, sweep: 0, root: 2, tip: 1.9, tail: 4.2, tailSpan: 3.2, tailSweep: 0.2 }), bar(0, -0.4, 8, 0.9, 0)] },
  ultralight: { size: 0.6, parts: [mirrored([[0, -6], [10, 1.5], [9.4, 3], [0, -1.5]]), bar(0, 2, 0.8, 3.6, 0), bar(0, 5.4, 2.4, 0.4, 0)] },
  glider: { size: 0.86, parts: plane({ length: 13, body: 0.75, nose: 2.2, wing: -2.2, span: 15, sweep: 0.6, root: 1.8, tip: 0.8, tail: 4.6, tailSpan: 2.6, tailSweep: 0.2, tailTip: 0.8 }) },
  helicopter: { size: 0.84, parts: [mirrored([[0, -7.4], [1.7, -5.6], [2.1, -2], [1.5, 1.4], [0.55, 3], [0.5, 8.6], [2.2, 8.6], [2.2, 9.8], [0, 9.8]]), bar(0, -2.4, 10, 0.42, 38), bar(0, -2.4, 10, 0.42, -52)] },
  tandem: { size: 1.02, parts: [mirrored([[0, -9.5], [2, -8], [2.1, 8], [1.2, 9.6], [0, 9.6]]), bar(0, -7, 9, 0.4, 30), bar(0, -7, 9, 0.4, -60), bar(0, 7, 9, 0.4, 60), bar(0, 7, 9, 0.4, -30)] },
  gyro: { size: 0.6, parts: [mirrored([[0, -6], [1.7, -4], [1.6, 1], [0.5, 2.4], [0.5, 6], [2.8, 6], [2.8, 7.2], [0, 7.2]]), bar(0, -1, 9.4, 0.45, 0)] },
  tiltrotor: { size: 0.96, parts: [...plane({ length: 17, body: 1.4, wing: -2, span: 8.6, sweep: 0, root: 2.6, tip: 2.2, tail: 5.4, tailSpan: 3.4 }), circle(8.6, -2, 4.4), circle(-8.6, -2, 4.4)] },
  fighter: { size: 0.8, parts: [mirrored([[0, -11], [0.9, -7.6], [1.3, -4], [2.4, -2.6], [8, 4], [8, 5.6], [2.2, 5], [2, 7], [4.6, 9.6], [4.6, 10.8], [1.2, 9.8], [0, 10.4]])] },
  delta: { size: 0.82, parts: [mirrored([[0, -11], [0.9, -7], [3.2, -5.4], [3.4, -4.4], [1.3, -4.2], [1.6, -2.4], [8.4, 7], [8.4, 8.4], [1.6, 8], [1.2, 9.6], [0, 9.6]])] },
  trainer: { size: 0.7, parts: plane({ length: 17, body: 1.1, nose: 4, wing: -1.4, span: 7.4, sweep: 2.6, root: 3.6, tip: 1.4, tail: 5.6, tailSpan: 3.4 }) },
  bomber: { size: 1.34, parts: plane({ length: 22, body: 1.1, wing: -3.6, span: 12.6, sweep: 8, root: 4, tip: 1.4, tail: 8, tailSpan: 4, engines: [4.2, 8] }) },
  wing: { size: 1.2, parts: [mirrored([[0, -6], [12.4, 4], [12, 5.6], [8.6, 3.4], [6.2, 5.8], [3, 3], [0, 6]])] },
  radar: { size: 1.26, parts: [...plane({ length: 21, body: 1.4, span: 11, sweep: 7, root: 4.4, engines: [4, 7.4] }), circle(0, 3, 3.4)] },
  drone: { size: 0.98, parts: plane({ length: 17, body: 0.9, nose: 3, wing: -0.6, span: 13, sweep: 0.4, root: 2, tip: 1, tail: 5.2, tailSpan: 4, tailSweep: 1.8, tailTip: 0.9 }) },
  highdrone: { size: 1.06, parts: [...plane({ length: 15, body: 1.2, nose: 3.6, wing: -0.4, span: 15.4, sweep: 2.2, root: 2, tip: 0.8, tail: 5, tailSpan: 3.2, tailSweep: 2.2 }), bar(0, 3.6, 0.9, 1.8, 0)] },
  quadcopter: { size: 0.62, parts: [bar(0, 0, 8, 0.7, 45), bar(0, 0, 8, 0.7, -45), ...[[5.6, 5.6], [5.6, -5.6], [-5.6, 5.6], [-5.6, -5.6]].map(([x, y]) => circle(x, y, 3.2, 10)), circle(0, 0, 2.2, 8)] },
  balloon: { size: 0.8, upright: true, parts: [mirrored([[0, -10], [3.6, -9], [6, -6], [6, -2.6], [3.8, 1.4], [1.4, 4.4], [0, 4.4]]), bar(0, 7.6, 1.8, 1.5, 0)] },
  airship: { size: 1.06, parts: [mirrored([[0, -11], [2.6, -9], [4, -4.6], [4, 1.4], [2.6, 6.6], [1.4, 8.4], [3.8, 8.8], [3.8, 11.4], [0, 10.6]])] },
  parachute: { size: 0.66, upright: true, parts: [mirrored([[0, -8], [5, -6.4], [8, -2], [2.7, -3], [0, -2]]), mirrored([[0, 2], [1.3, 3.2], [1.3, 6.4], [0, 8]]), bar(-3.2, 0, 4.4, 0.22, 58), bar(3.2, 0, 4.4, 0.22, -58)] },
  rocket: { size: 0.86, parts: [mirrored([[0, -12], [1.7, -8], [1.9, 4], [4.6, 9], [4.6, 11], [1.7, 9.4], [0, 9.4]])] },
  vehicle: { size: 0.5, ground: true, parts: [mirrored([[0, -8], [3.6, -7.4], [4.2, -4], [4.2, 7], [3.4, 8], [0, 8]])] },
  rescue: { size: 0.56, ground: true, parts: [mirrored([[0, -8], [4, -7.4], [4.4, -4], [4.4, 8], [0, 8]]), bar(0, -1.6, 6, 0.8, 0)] },
  tower: { size: 0.66, upright: true, ground: true, parts: [mirrored([[0, -10], [2.6, -8.4], [2.6, -4.6], [1.2, -3.8], [2.4, 9], [0, 9]])] },
  dot: { size: 0.8, upright: true, parts: [circle(0, 0, 5.4, 12)] },
};

// Type designators (ICAO Doc 8643), the first that fits.
export const TYPES = Object.entries({
  double: "A38.", quad: "A34.|B74.|BLCF|IL86|IL96|DC8.?|B70.|K35.|A124|A225", airlifter: "C17|C5M?|A400|IL76|C2|K46", wide: "A30.|A3[13].|A35.|B76.|B77.|B78.|MD11|DC10|L101|IL62",
  stretched: "A321|A21N|B75.|B739|B39M|B38M|B3XM|MD9.", rear: "MD8.|DC9.?|B71.|B72.|F100|F70|T154|B73[12]$|SU95",
  regional: "CRJ.|E13.|E145|E35L|RJ..|J328|GLF3", narrow: "A31[89]|A318|A320|A[12]9N|A20N|B73.|B37M|BCS.|E1[79].|E[279]..|E75.|C919|A148|P8",
  radar: "E3(TF|CF)|E767|E737|A50|E2", bomber: "B52|TU95|B1B?|TU16.?|T22M", wing: "B2|B21|X47B", tiltrotor: "V22|B609|A609",
  tandem: "H47|CH47|H46|K?CH46|VERT", highdrone: "Q4|RQ4|MQ4.?|Q9R", drone: "Q9|Q1|Q5|MQ9|HRON|HERM|TB2|Q.*", quadcopter: "DRON|UAV.?|QUAD",
  delta: "EUFI|RFAL|MIR[24]|MRF1|VIGN|GRIP|J39|SB39|CONC|F106|A4", fighter: "F1[4568].?|F15|F16|F18.?|F22|F35.?|F4|F5|F104|MG[0-9]+|SU[23][0-9]|TOR|A10|HAR|AV8B|AMX|S37|FA18|J10|J20",
  trainer: "HAWK|T38|ALPH|AJET|L39|L159|M339|M346|T45|T50|MB3.|K8|PC21|TEX2|T6", microjet: "EA50|C510|E50P|SF50|HDJT|C25M",
  business: "GL[5-7]T|GLEX|GLF.|GA[3-8].|CL[36].|CL30|CL35|C5[0-9]{2}|C25.|C56X|C6[58]0|C68A|C7[05]0|FA[0-9A-Z]{2}|F2TH|F900|LJ[0-9]{2}|E5[45]P|E55P|H25.|BE40|PRM1|G1[05]0|G280|ASTR|WW24|HA4T",
  quadprop: "C130|C30J|L188|P3|E6|AN12|IL18|DH7|AT8T|DHC7", turboprop: "AT[4-7].?|AT[47][0-9]|DH8.|SF34|SB20|JS[34].|F50|F27|D328|B190|E120|AN2[46]|AN[23][0-9]|C295|CN35|C27J|BE[129][0-9L]|B350|BE30|SW[34]|D228|L410|DHC6|P180|C2",
  oldprop: "DC3.?|DC[46]|C47|B17|B25|L10|CVL[PT]|AN2?4$|JU52|CATA|C46", single: "PC12|TBM.|C208|PC[679]|PC6T|M600|P46T|KODI|EPIC|C441S|AT[358]T",
  twin: "PA3[014]|PA23|PA31|PA34|PA44|BE[56][05-9]|BE76|C3[01-4].|C4[0-2].|DA42|DA62|P68|TEC2|P06T|AC[0-9A-Z]{2}|BN2P|G21|TOBA2",
  biplane: "AN2|PTS.|BU3.|DH82|ST75|EA[23].|PITT|WACF|G164", highwing: "C1[4-9].|C150|C2[01][0-9]|C182|C206|C210|C77R|C72R|PA1[18-9]|PA18|PA22|J3|BL8|HUSK|GLST|M[456]|P208|KITF|FOX|DHC[23]|P20.|C42",
  light: "P28.|PA28.?|PA32|PA24|PA38|PA46|SR2[0-2].?|S22T|DA[24]0|DR[234].*|AA5|AA1|BE3[3-6]|BE23|BE24|M20.|RV.*|TB[129].?|TOBA|TRIN|RALL|G115|G120|CH60|AQUI|WT9|SIRA|VL3|SHRK|BRST|P19.|COL[34]|LNC.|GP4|LEG2",
  gyro: "GYRO|MM16|CAVA|MTO.", helicopter: "A1[0-9]{2}|A109|AS[356].|A[135]6?9|B0[56].?|B1[05].|B2[0-9]{2}|B4[0-9]{2}|BK17|EC[0-9]{2}|EC.*|H1[2-7].|H2[0-9]|H[4-6][04]|H64|H53.?|R22|R44|R66|S[679][0-9]|S76|S92|UH1.?|MI[0-9]+|K[0-9]+|KA[0-9]+|LYNX|GAZL|ALO[23]|PUMA|SUCO|NH90|TIGR|EXPL|G2CA|EN[24]8|HUCO|UH.*|AH.*",
  glider: "GLID|AS[0-9HKW].|DG[0-9].*|LS[0-9]|DISC|VENT|DUOD|NIMB|ARCU|JANU|PK20|S[0-9]{2}G|TS1J|G10[39]|SF2.|DIMO", ultralight: "ULAC|TRIK|ULTR|PARA|BBAL", balloon: "BALL|SPHR", airship: "SHIP|GZ20|ZEPN",
}).map(([kind, pattern]) => [kind, new RegExp(`^(?:${pattern})$`)]);

export const CATEGORIES = {
  __proto__: null,   A1: "light", A2: "business", A3: "narrow", A4: "stretched", A5: "wide", A6: "fighter", A7: "helicopter",
  B1: "glider", B2: "balloon", B3: "parachute", B4: "ultralight", B6: "drone", B7: "rocket", C1: "rescue", C2: "vehicle", C3: "tower", C4: "tower", C5: "tower",
};

const known = new Map(); // type and category -> kind

export const heading = (aircraft) => aircraft.track ?? aircraft.true_heading ?? aircraft.calc_track;

/** The kind of an aircraft: by its type, else by its category, else a plain airliner. */
export function kindOf(aircraft) {
  const key = `${aircraft.t ?? ""} ${aircraft.category ?? ""}`;
  let kind = known.get(key);
  if (!kind) {
    const type = aircraft.t?.toUpperCase();
    const byType = type && TYPES.find(([, pattern]) => pattern.test(type))?.[0];
    kind = aircraft.category?.startsWith("C") ? CATEGORIES[aircraft.category] ?? "vehicle" : byType ?? CATEGORIES[aircraft.category] ?? "narrow";
    if (known.size > 5000) known.clear();
    known.set(key, kind);
  }
  return kind;
}

const paths = new Map(); // shape -> Path2D

/** The shape as the canvas draws it: one path, made once. */
export function pathOf(shape) {
  let path = paths.get(shape);
  if (!path) {
    path = new Path2D();
    for (const part of shape.parts) {
      part.forEach(([x, y], index) => (index ? path.lineTo(x, y) : path.moveTo(x, y)));
      path.closePath();
    }
    paths.set(shape, path);
  }
  return path;
}

/** What is drawn for an aircraft: its shape, a dot where it is not known which way it points. */
export function shapeOf(aircraft) {
  const shape = SHAPES[kindOf(aircraft)];
  return heading(aircraft) === undefined && !shape.upright && !shape.ground ? SHAPES.dot : shape;
}
