/* The buttons: a step of the optimizer and back, play, undo and redo, and all as at the start. */
class Bar {
  static SPEEDS = [1, 2, 5, 10];

  constructor(hand, speaker, complain) {
    this.hand = hand;
    this.speaker = speaker;
    this.complain = complain;
    this.isCalm = matchMedia("(prefers-reduced-motion: reduce)");
    const made = (key, act) => Parts.button(hand.say(key), (event) => {
      if (event.currentTarget.getAttribute("aria-disabled") !== "true") complain(act());
    });
    this.buttons = {
      step: made("step", () => this.step()), back: made("step_back", () => this.back()), play: made("play", () => this.toggle()),
      undo: made("undo", () => hand.undo()), redo: made("redo", () => hand.redo()), reset: made("reset", () => this.reset()),
    };
    this.speed = Parts.make("select", { "aria-label": hand.say("speed") }, ...Bar.SPEEDS.map((speed) => Parts.make("option", { value: speed }, hand.say("per_second", { count: speed }))));
    this.speed.value = "2";
    this.element = Parts.make("div", { class: "bar", role: "group", "aria-label": hand.say("bar") }, ...Object.values(this.buttons), this.speed);
    for (const key of ["step", "back", "play"]) this.buttons[key].hidden = !hand.model.canStep;
    document.addEventListener("keydown", (event) => this.press(event));
    this.isCalm.addEventListener("change", () => this.refresh());
    hand.watch(() => this.refresh());
    this.refresh();
  }

  step(gesture = null) { return this.hand.act((model) => model.step(), gesture); }
  back() { return this.hand.model.steps ? this.hand.act((model) => model.back()) : null; }
  reset() {
    this.stop();
    return this.hand.reset();
  }

  toggle() {
    if (this.playing) return this.stop();
    this.playing = { gesture: `play ${Date.now()}` };
    this.speaker.isQuiet = true;
    this.play(this.playing);
    this.refresh();
    return null;
  }

  stop() {
    if (!this.playing) return null;
    this.playing = null;
    this.speaker.isQuiet = false;
    this.speaker.wait();
    this.hand.rest();
    this.refresh();
    return null;
  }

  /* One step after the other: those who prefer no motion get one a second. */
  async play(playing) {
    while (this.playing === playing) {
      const why = this.step(playing.gesture);
      if (why) {
        this.stop();
        this.complain(why);
        return;
      }
      const speed = this.isCalm.matches ? 1 : Number(this.speed.value);
      await new Promise((done) => { setTimeout(done, 1000 / speed); });
    }
  }

  /* Ctrl+Z and Ctrl+Shift+Z or Ctrl+Y; in a field in which a person is typing they are the field's own. */
  press(event) {
    if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
    const key = event.key.toLowerCase();
    const turn = key === "z" ? (event.shiftKey ? "redo" : "undo") : key === "y" ? "redo" : null;
    if (!turn || event.target.matches("textarea, input[type=search]") || event.target.closest(".typing")) return;
    event.preventDefault();
    this.stop();
    this.complain(this.hand[turn]());
  }

  refresh() {
    const { hand, buttons } = this;
    const { values, steps } = hand.model.state();
    buttons.play.textContent = hand.say(this.playing ? "pause" : "play");
    this.speed.hidden = this.isCalm.matches || !hand.model.canStep;
    const able = {
      step: hand.model.canStep && !this.playing, back: steps > 0 && !this.playing, play: hand.model.canStep || Boolean(this.playing),
      undo: hand.past.length > 0 && !this.playing, redo: hand.future.length > 0 && !this.playing, reset: steps > 0 || Object.keys(values).length > 0,
    };
    /* A button that is switched off keeps the focus, so that whoever presses it again and again does not lose the place. */
    for (const [key, one] of Object.entries(buttons)) one.setAttribute("aria-disabled", String(!able[key]));
  }
}
