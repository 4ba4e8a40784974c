// A worker that all tabs of the map share: one connection for all of them. A browser opens six to a server, and six tabs
// would leave none for anything else.

import { Link } from "./link.js";

const ports = new Set();
let begun = false; // whether the link has told everything once since it was opened

const tell = (message) => { for (const port of ports) port.postMessage(message); };

const link = new Link(
  (name, data, number) => {
    if (name === "hello") begun = true;
    tell({ name, data, number });
  },
  (open) => { if (!open) { begun = false; tell({ lost: true }); } },
);

self.addEventListener("connect", ({ ports: [port] }) => {
  port.addEventListener("message", ({ data }) => {
    if (data === "join") {
      ports.add(port);
      port.postMessage(begun ? { running: true } : {}); // what was told before has to be asked for
      link.start();
    } else if (data === "leave") {
      ports.delete(port);
      if (!ports.size) link.stop();
      if (!ports.size) begun = false;
    }
  });
  port.start();
});
