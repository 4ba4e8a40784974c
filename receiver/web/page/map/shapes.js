// The outline of each kind of aircraft.

// Unit shapes, nose up, drawn at the aircraft's place and turned by its track.
const JET = [[0, -10], [1.5, -5], [1.5, -2], [10, 4], [10, 6], [1.5, 3], [1.2, 8], [4, 10.5], [4, 12], [0, 11],
  [-4, 12], [-4, 10.5], [-1.2, 8], [-1.5, 3], [-10, 6], [-10, 4], [-1.5, -2], [-1.5, -5]];
const DRONE = [[0, -9], [1.2, -4], [1.2, -1], [13, 0], [13, 1.6], [1.2, 2.4], [1, 7], [4, 10], [3, 11], [0, 8.5],
  [-3, 11], [-4, 10], [-1, 7], [-1.2, 2.4], [-13, 1.6], [-13, 0], [-1.2, -1], [-1.2, -4]];
const LIGHT = [[0, -8], [1.3, -5], [1.3, -3], [11, -2.4], [11, 0], [1.3, 0.6], [1, 6], [4, 7], [4, 9], [0, 8.4],
  [-4, 9], [-4, 7], [-1, 6], [-1.3, 0.6], [-11, 0], [-11, -2.4], [-1.3, -3], [-1.3, -5]];
const ROTOR = [[0, -8], [2, -5], [9, -9], [10, -8], [3, -2], [2.2, 3], [1, 4], [1, 10], [3, 11], [3, 12], [-3, 12],
  [-3, 11], [-1, 10], [-1, 4], [-2.2, 3], [-3, -2], [-10, -8], [-9, -9], [-2, -5]];
const DOT = [[0, -5], [4, -3], [5, 0], [4, 3], [0, 5], [-4, 3], [-5, 0], [-4, -3]];

export const heading = (aircraft) => aircraft.track ?? aircraft.true_heading ?? aircraft.calc_track;

export function shape(aircraft) {
  if (heading(aircraft) === undefined) return DOT;
  if (aircraft.category === "A7") return ROTOR;
  if (aircraft.category === "B6" || aircraft.t === "Q9" || aircraft.t === "Q4") return DRONE;
  if (aircraft.category === "A1" || aircraft.category === "B1" || aircraft.category === "B4") return LIGHT;
  return JET;
}
