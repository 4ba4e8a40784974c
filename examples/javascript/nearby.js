// Keeps a table of the aircraft in view: node nearby.js [HOST [PORT]]
const mqtt = require("mqtt");

const [host = "127.0.0.1", port = "1883"] = process.argv.slice(2);
const aircraft = new Map();
const client = mqtt.connect(`mqtt://${host}:${port}`, { protocolVersion: 5 });

client.on("connect", () => {
  client.subscribe("squitter/+/aircraft/+", () => console.log("listening"));
});

client.on("message", (topic, payload) => {
  const hex = topic.split("/").pop();
  if (payload.length === 0) aircraft.delete(hex); // it has left
  else aircraft.set(hex, JSON.parse(payload));
  const nearest = [...aircraft.values()]
    .filter((one) => one.r_dst !== undefined)
    .sort((a, b) => a.r_dst - b.r_dst)[0];
  console.log(
    `${aircraft.size} in view` +
      (nearest ? `, nearest ${(nearest.flight || nearest.hex).trim()} at ${nearest.r_dst} nmi` : ""),
  );
});
