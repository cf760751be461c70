/* Everything that a person handles, put together in the section that Python left for it. Without scripts it is empty. */
function controls(model, root) {
  const page = document.documentElement;
  const hand = new Hand(model);
  const speaker = new Speaker(hand);
  const notice = Parts.make("p", { class: "notice" });
  /* What went wrong stands there until something goes right. */
  const complain = (why) => {
    notice.textContent = (why && (why.why || why)) || "";
    if (notice.textContent) hand.announce(notice.textContent);
  };
  hand.watch(() => { notice.textContent = ""; });

  const fields = new Fields(hand);
  const curve = new Curve(hand);
  const changes = new Changes(hand);
  const bar = new Bar(hand, speaker, complain);
  const share = new Share(hand, new Address(hand, complain));
  const drawer = drawerOf(hand, page);
  const title = Parts.make("h2", {}, hand.say("title"));
  const named = root.getAttribute("aria-labelledby");
  const isNamed = named && document.getElementById(named);
  if (!isNamed) title.id = named || "explore-title";
  root.setAttribute("aria-labelledby", named || title.id);

  /* What the page itself has to say of its text stands there already. */
  const said = root.querySelectorAll("[data-notice]");
  const head = Parts.make("div", { class: "head" }, ...(isNamed ? [] : [title]), headline(hand), drawer.toggle, bar.element, notice, ...said, speaker.element);
  drawer.element.append(curve.element, Parts.make("p", { class: "hint keys" }, hand.say("keys")), fields.element, changes.element, share.element);
  root.append(head, drawer.element);
  page.classList.add("explorable");

  new PageNumbers(hand, (id, from) => {
    drawer.open(true);
    fields.reveal(id, from);
  });
  drawer.onOpen(() => curve.paint());
  keepClear(root, page);
  const first = model.inputs.find(({ trained }) => trained) || model.inputs[0];
  if (first) hand.choose(first.id);
}

/* The error now, and how many steps were taken. */
function headline(hand) {
  const value = Parts.make("output", { class: "error-now" });
  const steps = Parts.make("span", { class: "steps" });
  const show = () => {
    const now = hand.model.error();
    value.textContent = now ? hand.related(now) : "–";
    steps.textContent = hand.model.steps ? hand.say("steps", { count: hand.model.steps }) : "";
  };
  /* It is said aloud by the speaker, after a rest, and not with every move. */
  value.setAttribute("aria-live", "off");
  value.setAttribute("aria-label", hand.error);
  hand.model.subscribe(show);
  show();
  const name = hand.model.errorMath ? Parts.formula(hand.model.errorMath) : hand.error;
  return Parts.make("p", { class: "headline" }, Parts.make("span", { "aria-hidden": "true" }, name), " ", value, " ", steps);
}

/* What can be folded away: open where there is room beside the text, closed where it would cover it. */
function drawerOf(hand, page) {
  const element = Parts.make("div", { class: "drawer", id: "explore-drawer" });
  const told = [];
  const toggle = Parts.button(hand.say("controls"), () => open(element.hidden), { class: "toggle", "aria-controls": element.id });
  function open(isOpen) {
    element.hidden = !isOpen;
    page.classList.toggle("beside", isOpen);
    toggle.setAttribute("aria-expanded", String(isOpen));
    if (isOpen) told.forEach((heard) => heard());
  }
  open(matchMedia("(min-width: 72rem)").matches);
  return { element, toggle, open, onOpen: (heard) => told.push(heard) };
}

/* What gets the focus, or is jumped to, is not hidden below the bar at the top. */
function keepClear(root, page) {
  const measure = () => {
    const isAbove = getComputedStyle(root).position === "sticky";
    page.style.scrollPaddingTop = isAbove ? `${root.offsetHeight + 8}px` : "";
  };
  new ResizeObserver(measure).observe(root);
  addEventListener("resize", measure);
}
