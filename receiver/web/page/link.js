// One connection to the server's stream of events. It is given up when nothing has come for some seconds, whatever the
// browser believes of it (a phone that slept, a router that forgot), and made anew until it holds.

const ADDRESS = new URL("../api/stream", import.meta.url);
const EVENTS = ["hello", "air", "alert", "health", "pulse"];
const SILENCE_MS = 4000; // the server says something every two seconds
const OPEN_MS = 8000; // for a slow machine to begin
const AGAIN_MS = 1500;
const TICK_MS = 500;

export class Link {
  /** `take(name, data, number)` is told events as text; `say(open)` whether the link holds, twice a second while it does not. */
  constructor(take, say) {
    this.take = take;
    this.say = say;
    this.source = null;
    this.open = false;
    this.due = 0; // when to doubt it, or to try again
    this.timer = null;
  }

  start() {
    if (this.timer !== null) return;
    this.timer = setInterval(() => this.look(), TICK_MS);
    this.connect();
  }

  stop() {
    clearInterval(this.timer);
    this.timer = null;
    this.drop();
  }

  connect() {
    this.due = Date.now() + OPEN_MS;
    const source = (this.source = new EventSource(ADDRESS));
    source.addEventListener("error", () => { if (source === this.source) { this.drop(); this.due = Date.now() + AGAIN_MS; this.say(false); } });
    for (const name of EVENTS) {
      source.addEventListener(name, (event) => {
        if (source !== this.source) return;
        this.due = Date.now() + SILENCE_MS;
        this.open = true;
        this.take(name, event.data, Number(event.lastEventId));
      });
    }
  }

  drop() {
    this.source?.close();
    this.source = null;
    this.open = false;
  }

  look() {
    const late = Date.now() >= this.due;
    if (late && this.source) { this.drop(); this.connect(); }
    else if (late) this.connect();
    if (!this.open) this.say(false);
  }
}
