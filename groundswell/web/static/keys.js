/* The keys of the coding screen.

   A key pushes an action. The next post is fetched beforehand and drawn at once; what was decided is sent behind it, one
   after the other. Nothing is called saved before the server has said so, and when it says no, everything that was not
   sent yet comes back onto the screen. The forms are the same as without this script. */
"use strict";
(() => {
  const root = document.getElementById("coding");
  if (!root) return;
  const keys = JSON.parse(root.dataset.keys);
  const path = root.dataset.path;
  const status = document.getElementById("status");
  const threadPanel = document.getElementById("thread");
  const help = document.getElementById("help");
  const DEPTH = 3;
  const LEAST_SEEN = 120; // pixels of a post, a line or two of it
  const ROOM = 8; // pixels that are left round a post
  const FIELDS = "textarea, select, input:not([type=checkbox]):not([type=radio]):not([type=hidden])";
  const actionOf = new Map(Object.entries(keys.actions).flatMap(([name, list]) => list.map((key) => [key, name])));

  let codeOf = new Map(); // the codes of the post that is drawn, by key
  let here = null; // the address of the post drawn last
  let shownAt = 0;
  let lastCode = null;
  let held = null; // selected words that wait for the key of their code
  let isWaiting = false; // no post is drawn that could be answered for
  let ahead = []; // posts that were fetched and not drawn
  let pending = []; // what is to be sent, in order
  let isWorking = false;
  let isFetching = false;
  let decisions = 0; // how many were committed here
  let era = 0; // what was fetched in an earlier one is out of date
  const committed = new Set(); // addresses that were committed here and not taken back

  const bench = () => document.getElementById("bench");
  const form = () => bench().querySelector(".coding-form");
  const say = (text, isBad = false) => {
    status.textContent = text;
    status.classList.toggle("bad", isBad);
  };

  /* What was refused stays on the line until the next thing is done; what was saved meanwhile stands at the head. */
  const saved = (text) => {
    document.getElementById("saved").textContent = text.split(":").slice(0, 3).join(":");
    if (!status.classList.contains("bad")) say(text);
  };

  /* Talking to the server */

  const parse = (html) => {
    const made = document.createElement("template");
    made.innerHTML = html;
    return made.content.querySelector("#bench");
  };

  const wordsOf = (html) => {
    const made = new DOMParser().parseFromString(html, "text/html");
    return (made.querySelector("main") || made.body).textContent.replace(/\s+/g, " ").trim();
  };

  async function read(address) {
    const answer = await fetch(address, { headers: { "HX-Request": "true" } });
    const html = await answer.text();
    if (!answer.ok) throw new Error(wordsOf(html) || `the server answered ${answer.status}`);
    return html;
  }

  async function send(body) {
    let answer;
    try {
      answer = await fetch(path, {
        method: "POST",
        headers: { Accept: "application/json", "HX-Request": "true" },
        body,
        redirect: "error",
      });
      const type = answer.headers.get("Content-Type") || "";
      if (type.startsWith("application/json")) return { ok: answer.ok, ...(await answer.json()) };
      return { ok: false, message: `Not saved: ${wordsOf(await answer.text())}` };
    } catch {
      return { ok: false, message: "Not saved: the server does not answer. Commit again when it runs; nothing is doubled." };
    }
  }

  /* Drawing */

  function draw(next) {
    bench().replaceWith(next);
    isWaiting = false;
    here = next.dataset.post ?? here;
    lastCode = held = null;
    closeThread();
    ready(next);
    const heading = next.querySelector("#post-heading");
    (isNarrow() ? next : root).scrollIntoView({ block: "start" });
    showPost(next);
    heading.focus({ preventScroll: true });
    shownAt = performance.now();
    prefetch();
  }

  function isNarrow() {
    return matchMedia("(max-width: 59.99rem)").matches;
  }

  /* On a phone what stands above the post may leave no room for it over the form: as much of that goes as has to. */
  function showPost(made) {
    const post = made.querySelector(".post.here");
    if (!isNarrow() || post === null) return;
    const isSeen = () => {
      const { top, bottom } = post.getBoundingClientRect();
      return top >= 0 && Math.min(bottom, top + LEAST_SEEN) <= form().getBoundingClientRect().top;
    };
    if (!isSeen()) made.scrollIntoView({ block: "start" });
    if (isSeen()) return;
    const { top, bottom } = post.getBoundingClientRect();
    scrollBy(0, Math.min(bottom + ROOM - form().getBoundingClientRect().top, top - ROOM));
  }

  function ready(made) {
    codeOf = new Map(Object.entries(JSON.parse(made.dataset.codes ?? "{}")));
    const filter = made.querySelector(".filter-field");
    if (filter) filter.hidden = false;
    const chosen = made.querySelector("[name=code]:checked, [name^='of:']:checked:not([value=''])");
    lastCode = chosen ? chosen.value : null;
  }

  function wait(words) {
    isWaiting = true;
    const made = document.createElement("div");
    made.id = "bench";
    made.className = "bench";
    made.setAttribute("aria-busy", "true");
    const heading = document.createElement("p");
    heading.id = "post-heading";
    heading.tabIndex = -1;
    heading.className = "muted";
    heading.textContent = words;
    made.append(heading);
    bench().replaceWith(made);
    heading.focus({ preventScroll: true });
  }

  function drawNext() {
    if (ahead.length) draw(ahead.shift());
    else {
      wait("The next post is on its way.");
      prefetch();
    }
  }

  async function prefetch() {
    if (isFetching) return;
    isFetching = true;
    const mine = era;
    try {
      while (mine === era && ahead.length < DEPTH && here !== null) {
        const from = ahead.length ? ahead[ahead.length - 1].dataset.post : here;
        if (from === undefined) break;
        const wasIdle = pending.length === 0;
        const before = decisions;
        const next = parse(await read(`${path}?after=${encodeURIComponent(from)}`));
        if (mine !== era) break;
        const isSettled = wasIdle && before === decisions;
        const address = next.dataset.post;
        const isKnown = address === undefined || committed.has(address) || ahead.some((one) => one.dataset.post === address);
        // While something was still to be written the server could not know what is left.
        if (isKnown && !isSettled) {
          if (pending.length) break;
          continue;
        }
        if (address === undefined || address === here) {
          if (isWaiting && !ahead.length) ahead.push(next);
          break;
        }
        if (ahead.some((one) => one.dataset.post === address)) break;
        committed.delete(address);
        ahead.push(next);
        if (isWaiting) draw(ahead.shift());
      }
      if (isWaiting && ahead.length && mine === era) draw(ahead.shift());
    } catch (error) {
      if (isWaiting) say(`The next post cannot be fetched: ${error.message}. Reload the page.`, true);
    } finally {
      isFetching = false;
      if (mine !== era) prefetch();
    }
  }

  function outdate() {
    era += 1;
    ahead = [];
  }

  /* The queue of what is to be sent */

  function push(job) {
    pending.push(job);
    work();
  }

  async function work() {
    if (isWorking) return;
    isWorking = true;
    while (pending.length) {
      const job = pending[0];
      const answer = await job.run();
      if (!answer.ok) {
        fail(answer);
        break;
      }
      pending.shift();
      job.done(answer);
    }
    isWorking = false;
    if (isWaiting) prefetch();
  }

  function fail(answer) {
    const [job, ...others] = pending;
    const current = isWaiting ? [] : [bench()];
    pending = [];
    const back = [job, ...others].filter((one) => one.bench);
    for (const one of back) committed.delete(one.address);
    era += 1;
    ahead = [...back.map((one) => one.bench), ...current];
    const lost = others.filter((one) => one.isCommit).length;
    const message = answer.message + (lost ? ` ${lost} later ${lost === 1 ? "decision was" : "decisions were"} not saved either.` : "");
    if (answer.html) ahead[0] = parse(answer.html);
    else if (job.isCommit) warn(job.bench, message);
    say(message, true);
    if (ahead.length) draw(ahead.shift());
  }

  /* What went wrong stays on the post until it is committed: the line at the foot may be written over. */
  function warn(made, message) {
    made.querySelector(".not-saved")?.remove();
    const notice = document.createElement("p");
    notice.className = "notice bad not-saved";
    notice.textContent = message;
    made.prepend(notice);
  }

  function take(answer) {
    if (answer.head) document.getElementById("queue-head").outerHTML = answer.head;
    if (answer.last) document.getElementById("last").outerHTML = answer.last;
    if (answer.ahead) {
      const still = new Set(answer.ahead);
      const kept = ahead.filter((one) => one.dataset.post === undefined || still.has(one.dataset.post));
      if (kept.length < ahead.length) {
        outdate();
        ahead = kept;
      }
      prefetch();
    }
  }

  /* Actions */

  const random = () => Array.from(crypto.getRandomValues(new Uint8Array(3)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  const newAction = (what) => `${what}-${new Date().toISOString().replace(/[-:]|\.\d+/g, "")}-${random()}`;

  function isTooSoon() {
    const shown = Math.floor(performance.now() - shownAt);
    if (shown >= keys.shortest) return false;
    say(`Not saved: the post was on the screen for ${shown} ms only. Commit again when you have read it.`, true);
    return true;
  }

  function bodyOf(made, what) {
    const fields = made.elements;
    fields.shown_ms.value = String(Math.floor(performance.now() - shownAt));
    // A decision keeps its id, so that sending it again cannot double it.
    if (what === "commit") fields.action.value = made.dataset.action ??= newAction("review");
    if (what === "draft") fields.draft_action.value = newAction("review-draft");
    const body = new URLSearchParams(new FormData(made));
    body.set("do", what);
    return body;
  }

  function commit() {
    const made = form();
    if (!made || isTooSoon()) return;
    if (!chosen(made).length && !made.elements.none.checked && !made.elements.missing.checked) {
      say(`Not saved: nothing is chosen yet. If none of these applies, say so (${keys.actions.none[0] ?? "none of these"}).`, true);
      return;
    }
    const body = bodyOf(made, "commit");
    const address = bench().dataset.post;
    committed.add(address);
    decisions += 1;
    const job = { isCommit: true, address, bench: bench(), run: () => send(body) };
    job.done = (answer) => {
      saved(answer.message);
      take(answer);
    };
    say("");
    pending.push(job);
    drawNext();
    work();
  }

  function undo() {
    const before = bench();
    const body = new URLSearchParams({ do: "undo", action: newAction("undo") });
    wait("Taking back your last decision.");
    push({
      bench: before.dataset.post === undefined ? null : before,
      run: async () => {
        const answer = await send(body);
        if (!answer.ok || !answer.post) return answer;
        try {
          return { ...answer, made: parse(await read(`${path}?post=${encodeURIComponent(answer.post)}`)) };
        } catch (error) {
          return { ok: false, message: `Taken back, but the post cannot be shown: ${error.message}` };
        }
      },
      done: (answer) => {
        committed.delete(answer.post);
        outdate();
        if (answer.head) document.getElementById("queue-head").outerHTML = answer.head;
        if (answer.last) document.getElementById("last").outerHTML = answer.last;
        const isSame = before.dataset.post === answer.post;
        if (answer.made) {
          if (before.dataset.post !== undefined && !isSame) ahead = [before];
          draw(answer.made);
        } else draw(before);
        say(answer.message);
      },
    });
  }

  function visit(address) {
    const before = bench();
    wait("The post is on its way.");
    push({
      bench: before,
      run: async () => {
        try {
          return { ok: true, made: parse(await read(address)) };
        } catch (error) {
          return { ok: false, message: error.message };
        }
      },
      done: (answer) => {
        outdate();
        draw(answer.made);
      },
    });
  }

  function skip() {
    here = bench().dataset.post ?? here;
    say("Skipped; it comes again later.");
    drawNext();
  }

  function draft() {
    const made = form();
    if (!made.elements.draft_name.value.trim()) {
      say("Not saved: a new code needs a name.", true);
      made.elements.draft_name.focus();
      return;
    }
    if (isTooSoon()) return;
    const body = bodyOf(made, "draft");
    const before = bench();
    wait("The code is being added.");
    push({
      bench: before,
      run: () => send(body),
      done: (answer) => {
        outdate();
        draw(parse(answer.html));
        say(answer.message);
      },
    });
  }

  function memo() {
    const body = bodyOf(form(), "memo");
    push({ run: () => send(body), done: (answer) => saved(answer.message) });
  }

  function hints(made) {
    const body = new URLSearchParams(new FormData(made));
    body.set("do", "hints");
    push({ run: () => send(body), done: () => location.assign(`${path}?post=${encodeURIComponent(here)}`) });
  }

  /* Codes */

  const chosen = (made) =>
    [...made.querySelectorAll("[name=code]:checked, [name^='of:']:checked, [name=unsure]:checked")].filter((one) => one.value);
  const inputOf = (code) => form().querySelector(`.code-row[data-code="${CSS.escape(code)}"] .pick input`);

  function choose(code) {
    const input = inputOf(code);
    if (!input) return;
    const words = selected() ?? held;
    held = null;
    if (words) {
      set(input, true);
      addExcerpt(code, words);
    } else set(input, !input.checked);
    reveal(input);
    const name = input.closest(".pick").querySelector(".name").textContent;
    say(input.checked ? `${name}: chosen` : `${name}: not chosen`);
  }

  function set(input, isOn) {
    const row = input.closest(".code-row");
    input.checked = isOn;
    if (isOn) {
      lastCode = input.value;
      form().elements.none.checked = form().elements.missing.checked = false;
      if (input.type === "radio") for (const other of rowsOf(input.name)) if (other !== row) clear(other);
    } else {
      if (input.type === "radio") form().querySelector(`[name="${CSS.escape(input.name)}"][value=""]`).checked = true;
      clear(row);
    }
  }

  const rowsOf = (name) => [...form().querySelectorAll(`[name="${CSS.escape(name)}"]`)].map((one) => one.closest(".code-row"));

  function clear(row) {
    for (const one of row.querySelectorAll("[name=unsure]")) one.checked = false;
    for (const one of row.querySelectorAll(".stances [value='']")) one.checked = true;
    for (const one of form().querySelectorAll("[name=excerpt]")) {
      if (one.value.split("|", 1)[0] === row.dataset.code) one.closest("li").remove();
    }
    showExcerpts();
  }

  function reveal(input) {
    const folded = input.closest("details");
    if (folded) folded.open = true;
    input.closest(".code-row").scrollIntoView({ block: "nearest" });
  }

  function answerNone(name) {
    const box = form().elements[name];
    box.checked = !box.checked;
    onlyNone(box);
    say(box.checked ? box.closest("label").querySelector(".name").textContent : "Taken back");
  }

  function onlyNone(box) {
    if (!box.checked) return;
    for (const other of ["none", "missing"]) if (other !== box.name) form().elements[other].checked = false;
    for (const one of chosen(form())) if (one.name !== "unsure") set(one, false);
  }

  const lastInput = () => {
    const input = lastCode === null ? null : inputOf(lastCode);
    return input && input.checked ? input : null;
  };

  function stance(value) {
    const input = lastInput();
    const radio = input && input.closest(".code-row").querySelector(`.stances [value="${value}"]`);
    if (!radio) return say("Choose a code that asks for a stance first, then say which.", true);
    radio.checked = true;
    for (const one of input.closest(".code-row").querySelectorAll("[name=unsure]")) one.checked = false;
    say(`${input.closest(".pick").querySelector(".name").textContent}: ${radio.closest("label").lastChild.textContent.trim()}`);
  }

  function unsure() {
    const all = form().querySelectorAll(".asked .code-row[data-code]");
    const input = lastInput() ?? (all.length === 1 ? all[0].querySelector(".pick input") : null);
    if (!input) return say("Choose the code first that you are unsure of.", true);
    const row = input.closest(".code-row");
    const box = row.querySelector("[name=unsure]");
    const isOn = !box.checked;
    if (!input.checked) set(input, true);
    box.checked = isOn;
    if (isOn) for (const one of row.querySelectorAll(".stances [value='']")) one.checked = true;
    say(`${row.querySelector(".name").textContent}: ${isOn ? "unsure" : "sure"}`);
  }

  /* Excerpts: places are counted in code points, as the store counts; JavaScript counts UTF-16 units */

  const points = (text) => [...text].length;
  const lengthOf = (part) => (part.dataset.length === undefined ? points(part.textContent) : Number(part.dataset.length));

  function placeOf(parts, node, offset) {
    let place = Number(parts[0].dataset.start);
    for (const part of parts) {
      const range = document.createRange();
      range.selectNodeContents(part);
      const side = range.comparePoint(node, offset);
      const start = Number(part.dataset.start);
      if (side < 0) break;
      if (side > 0) place = start + lengthOf(part);
      else if (part.dataset.length !== undefined) return offset ? start + lengthOf(part) : start;
      else {
        // A browser cuts a long text into several nodes: what stands before the place is measured through all of them.
        range.setEnd(node, offset);
        return start + points(range.toString());
      }
    }
    return place;
  }

  function selected() {
    const selection = getSelection();
    const text = bench().querySelector(".post.here > .post-text");
    if (!text || selection.isCollapsed || !selection.rangeCount) return null;
    const range = selection.getRangeAt(0);
    if (!range.intersectsNode(text)) return null;
    const parts = [...text.querySelectorAll("[data-start]")];
    if (!parts.length) return null;
    let start = placeOf(parts, range.startContainer, range.startOffset);
    let end = placeOf(parts, range.endContainer, range.endOffset);
    const hasSigns = parts.some((part) => part.dataset.length !== undefined && Number(part.dataset.start) < end && start < Number(part.dataset.start) + lengthOf(part));
    let words = "";
    if (!hasSigns) {
      const first = Number(parts[0].dataset.start);
      const all = parts.flatMap((part) => (part.dataset.length === undefined ? [...part.textContent] : Array(lengthOf(part)).fill(" ")));
      while (start < end && /\s/u.test(all[start - first])) start += 1;
      while (start < end && /\s/u.test(all[end - 1 - first])) end -= 1;
      words = all.slice(start - first, end - first).join("");
    }
    return start < end ? { start, end, words, shown: words || selection.toString() } : null;
  }

  function addExcerpt(code, at) {
    const list = form().querySelector(".excerpt-list");
    const value = `${code}|${at.start}|${at.end}|${at.words}`;
    getSelection().removeAllRanges();
    if ([...list.querySelectorAll("[name=excerpt]")].some((one) => one.value === value)) return;
    const box = document.createElement("input");
    Object.assign(box, { type: "checkbox", name: "excerpt", value, checked: true });
    const name = document.createElement("span");
    name.className = "excerpt-code";
    name.textContent = inputOf(code).closest(".pick").querySelector(".name").textContent;
    const quoted = document.createElement("q");
    quoted.dir = "auto";
    quoted.textContent = at.shown;
    const label = document.createElement("label");
    label.append(box, " ", name, ": ", quoted);
    const item = document.createElement("li");
    item.append(label);
    list.append(item);
    showExcerpts();
  }

  function showExcerpts() {
    const place = form().querySelector(".excerpts");
    place.hidden = !place.querySelector("[name=excerpt]");
  }

  function excerpt() {
    const words = selected();
    const input = lastInput();
    if (!words) {
      const folded = form().querySelector(".by-sentence");
      if (!folded) return;
      folded.open = true;
      folded.querySelector("select").focus();
    } else if (input) {
      addExcerpt(input.value, words);
      say("Excerpt kept");
    } else {
      held = words;
      say("Now the key of the code that these words show.");
    }
  }

  /* Fields and panels */

  function openField(selector, field) {
    const folded = form()?.querySelector(selector);
    if (!folded) return say("That is not possible in this queue.", true);
    folded.open = true;
    folded.querySelector(field).focus();
  }

  function beginDraft() {
    const at = selected() ?? held;
    const made = form();
    if (at && made?.elements.draft_name) {
      made.elements.draft_at.value = `${at.start}|${at.end}|${at.words}`;
      made.elements.draft_name.value = at.shown.replace(/\s+/g, " ").trim().slice(0, 80);
    }
    openField(".draft-field", "input");
    made?.elements.draft_name?.select();
  }

  function quote() {
    const link = bench().querySelector(".to-quote");
    if (!link) return say("In a blind queue nothing is quoted.", true);
    const at = selected();
    location.assign(link.href + (at ? `&start=${at.start}&end=${at.end}` : ""));
  }

  async function thread() {
    if (!threadPanel.hidden) return closeThread();
    const link = bench().querySelector(".to-thread");
    try {
      threadPanel.innerHTML = await read(link.href);
      threadPanel.hidden = false;
      threadPanel.focus();
      threadPanel.querySelector(".here")?.scrollIntoView({ block: "center" });
    } catch (error) {
      say(`The thread cannot be fetched: ${error.message}`, true);
    }
  }

  function closeThread() {
    if (threadPanel.hidden) return;
    threadPanel.hidden = true;
    threadPanel.replaceChildren();
    bench().querySelector("#post-heading")?.focus();
  }

  function filter(typed) {
    const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
    for (const row of form().querySelectorAll(".code-row")) {
      row.hidden = words.length > 0 && !words.every((word) => (row.dataset.filter ?? "").includes(word));
    }
    const others = form().querySelector(".other-codes");
    if (others && words.length) others.open = true;
  }

  function pickFirst(field) {
    const row = form().querySelector(".code-row[data-code]:not([hidden])");
    field.value = "";
    filter("");
    leave();
    if (row) choose(row.dataset.code);
  }

  function leave() {
    document.activeElement?.blur();
    bench().querySelector("#post-heading")?.focus({ preventScroll: true });
  }

  function toggleHelp() {
    help.open = !help.open;
    if (help.open) {
      help.querySelector("summary").focus();
      help.scrollIntoView({ block: "start" });
    } else leave();
  }

  function escape(field) {
    if (field?.id === "code-filter") {
      field.value = "";
      filter("");
    }
    if (!field && !threadPanel.hidden) closeThread();
    else if (!field && help.open) help.open = false;
    leave();
  }

  const DOES = {
    commit, undo, skip, unsure, excerpt, thread,
    next: () => visit(`${path}?post=${encodeURIComponent(here)}&step=next`),
    previous: () => visit(`${path}?post=${encodeURIComponent(here)}&step=previous`),
    none: () => answerNone("none"),
    missing: () => answerNone("missing"),
    support: () => stance("support"),
    dispute: () => stance("dispute"),
    mixed: () => stance("mixed"),
    mentions: () => stance(""),
    memo: () => openField(".memo-field", "textarea"),
    draft: beginDraft,
    quote,
    filter: () => form()?.querySelector("#code-filter").focus(),
    go: () => bench().querySelector("#go")?.focus(),
    search: () => location.assign("/search"),
    help: toggleHelp,
    leave: () => escape(null),
  };
  const WITHOUT_POST = new Set(["undo", "search", "help", "leave", "go", "previous"]);

  /* Events */

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || event.keyCode === 229 || event.repeat) return;
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const target = event.target instanceof Element ? event.target : document.body;
    const key = event.key === " " ? "Space" : event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const field = target.closest(FIELDS);
    if (field) {
      if (key === "Escape") escape(field);
      else if (key === "Enter" && field.id === "code-filter") pickFirst(field);
      else if (key === "Enter" && field.id === "draft-name") draft();
      else return;
      event.preventDefault();
      return;
    }
    if ((key === "Enter" || key === "Space") && target.closest("button, a, summary")) return;
    if (key !== "Enter" && target.matches("[type=checkbox], [type=radio]") && (key === "Space" || key.startsWith("Arrow"))) return;
    const action = actionOf.get(key);
    const code = action === undefined ? codeOf.get(key) : undefined;
    if (action === undefined && code === undefined) return;
    event.preventDefault();
    const hasPost = bench().dataset.post !== undefined;
    if (isWaiting || (!hasPost && !WITHOUT_POST.has(action))) {
      if (action !== "leave") say(isWaiting ? "Wait: the post is not here yet; that key did nothing." : "There is no post here; that key did nothing.", true);
    } else if (code !== undefined) choose(code);
    else DOES[action]();
  });

  root.addEventListener("submit", (event) => {
    const made = event.target;
    const what = event.submitter?.value;
    if (made.matches(".go")) {
      event.preventDefault();
      if (made.elements.go.value.trim()) visit(`${path}?go=${encodeURIComponent(made.elements.go.value.trim())}`);
      return;
    }
    const does = { commit, undo, memo, draft, hints: () => hints(made) }[what ?? "commit"];
    if (!does) return;
    event.preventDefault();
    does();
  });

  root.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (link.matches(".to-skip")) skip();
    else if (link.matches("[data-step]")) visit(link.href);
    else if (link.matches(".to-thread")) thread();
    else return;
    event.preventDefault();
  });

  root.addEventListener("change", (event) => {
    const box = event.target;
    if (!form()?.contains(box)) return;
    if (box.name === "none" || box.name === "missing") onlyNone(box);
    else if (box.name === "code" || (box.name.startsWith("of:") && box.value)) set(box, box.checked);
    else if (box.name.startsWith("of:")) for (const row of rowsOf(box.name)) clear(row);
    else if (box.name === "unsure" || box.name.startsWith("stance:")) {
      const row = box.closest(".code-row");
      const input = row.querySelector(".pick input");
      const isUnsure = row.querySelector("[name=unsure]").checked;
      if (!input.checked && box.checked) set(input, true);
      if (box.name === "unsure") {
        box.checked = isUnsure;
        if (isUnsure) for (const one of row.querySelectorAll(".stances [value='']")) one.checked = true;
      } else if (box.value) row.querySelector("[name=unsure]").checked = false;
    } else if (box.name === "excerpt" && !box.checked) {
      box.closest("li").remove();
      showExcerpts();
    }
  });

  root.addEventListener("input", (event) => {
    if (event.target.id === "code-filter") filter(event.target.value);
  });

  root.addEventListener(
    "toggle",
    async (event) => {
      const folded = event.target;
      if (!folded.open || !folded.dataset?.found) return;
      const address = folded.dataset.found;
      delete folded.dataset.found;
      try {
        const html = await read(address);
        folded.querySelector("p")?.remove();
        folded.insertAdjacentHTML("beforeend", html);
      } catch (error) {
        say(error.message, true);
      }
    },
    true,
  );

  window.addEventListener("beforeunload", (event) => {
    if (pending.length) event.preventDefault();
  });

  here = bench().dataset.post ?? null;
  ready(bench());
  shownAt = performance.now();
  if (here !== null) {
    bench().querySelector("#post-heading").focus({ preventScroll: true });
    showPost(bench());
    prefetch();
  }
  root.dataset.ready = "yes";
})();
