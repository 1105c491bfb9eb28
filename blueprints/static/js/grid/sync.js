/* Sending the queue: in batches, each item answered by itself. What has no answer stays and goes again. */
(() => {
  "use strict";
  const Field = (window.Field = window.Field || {});
  const BATCH = 50;
  const PATIENCE = 30000;

  class LoginNeeded extends Error {}
  class Unanswered extends Error {}

  class Sync {
    constructor(store, root) { this.store = store; this.root = root; this.token = ""; }

    async ask(path, body) {
      const headers = { Accept: "application/json" };
      if (body) headers["X-CSRFToken"] = this.token;
      if (body && !(body instanceof FormData)) headers["Content-Type"] = "application/json";
      const stop = new AbortController();
      const timer = setTimeout(() => stop.abort(), PATIENCE);
      let answer;
      try {
        answer = await fetch(this.root + path, {
          method: body ? "POST" : "GET", headers, redirect: "manual", cache: "no-store", signal: stop.signal,
          body: body && (body instanceof FormData ? body : JSON.stringify(body)),
        });
      } catch { throw new Unanswered(); } finally { clearTimeout(timer); }
      if (answer.type === "opaqueredirect" || answer.status === 401) throw new LoginNeeded();
      const json = (answer.headers.get("Content-Type") || "").startsWith("application/json");
      if (!json && !answer.ok) throw Object.assign(new Unanswered(), { status: answer.status });
      if (!json) throw new LoginNeeded();
      return { status: answer.status, ...(await answer.json()) };
    }

    async who() {
      const who = await this.ask("who");
      this.token = who.token;
      return who;
    }

    /* One round; answers {kind, n}: ok | login | elsewhere | ended | later | offline, and how many still wait. */
    async run() {
      const once = async () => {
        let kind;
        try { kind = await this.round(); } catch (problem) {
          if (problem instanceof LoginNeeded) kind = "login";
          else if (problem instanceof Unanswered) kind = navigator.onLine && problem.status ? "later" : "offline";
          else throw problem;
        }
        return { kind, n: await this.store.waiting() };
      };
      return navigator.locks ? navigator.locks.request("field-sync", once) : once();
    }

    async round() {
      const who = await this.who();
      if (who.account !== this.store.account) await this.store.become(who.account);
      if (who.post === "elsewhere") return "elsewhere";
      const ended = who.post === "ended";
      if (ended && !(await this.store.waiting())) return "ended";
      await this.sendItems(ended ? "hand-in" : "sync");
      await this.sendPhotos(ended ? "hand-in" : "photo");
      if (!ended) await this.store.keepBundle(await this.ask("bundle"));
      await this.store.meta("last", Date.now());
      if (ended) { await this.store.dropBundle(); return "ended"; }
      return (await this.store.waiting()) ? "later" : "ok";
    }

    async sendItems(path) {
      const items = (await this.store.items()).filter((item) => item.state === "waiting" && !item.of);
      const device = await this.store.meta("device");
      for (let from = 0; from < items.length; from += BATCH) {
        const batch = items.slice(from, from + BATCH);
        const sent = batch.map(({ id, kind, at, seq, payload, base }) => ({ id, kind, at, seq, payload, base }));
        const answer = await this.ask(path, { now: Date.now(), device, items: sent });
        if (!answer.answers) throw Object.assign(new Unanswered(), { status: answer.status });
        for (const each of answer.answers) await this.answered(each);
      }
    }

    async sendPhotos(path) {
      const items = await this.store.items();
      const open = new Set(items.filter((item) => !item.of && ["waiting", "refused"].includes(item.state)).map((item) => item.id));
      const device = await this.store.meta("device");
      for (const item of items.filter((each) => each.of && each.state === "waiting" && !open.has(each.of))) {
        const form = new FormData();
        const words = { id: item.id, of: item.of, seq: item.seq, at: item.at, now: Date.now(), device };
        for (const [name, value] of Object.entries(words)) form.append(name, value);
        form.append("photo", await this.store.picture(item.id), "photo.jpg");
        const answer = await this.ask(path, form);
        if (answer.answers) await this.answered(answer.answers[0]);
        else if (answer.status === 422) await this.store.mark(item.id, "refused", answer.problem);
        else throw Object.assign(new Unanswered(), { status: answer.status });
      }
    }

    async answered({ id, state, was, problem }) {
      const end = state === "same" ? was : state;
      if (end === "applied" || end === "settled") await this.store.remove(id);
      else if (end !== "wait") await this.store.mark(id, end, problem);
    }
  }

  Field.Sync = Sync;
})();
