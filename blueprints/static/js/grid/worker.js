/* Service worker of the grid door. Its first line, written by the server, gives VERSION, SHELL and FILES. The shell and
   files come from the cache; pages of the server come from the network, and without one the shell stands in. Answers
   with a person's data are never put into the cache. */
"use strict";
const CACHE = "field-" + VERSION;

async function fetched(address) {
  const answer = await fetch(address, { redirect: "manual", credentials: "same-origin", cache: "reload" });
  if (!answer.ok || answer.type === "opaqueredirect") throw new Error(address);
  return answer;
}

self.addEventListener("install", (event) => {
  event.waitUntil((async () => {
    const cache = await caches.open(CACHE);
    await Promise.all([SHELL, ...FILES].map(async (address) => cache.put(address, await fetched(address))));
    await self.skipWaiting();
  })());
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) if (name.startsWith("field-") && name !== CACHE) await caches.delete(name);
    await self.clients.claim();
  })());
});

async function page(request) {
  const cache = await caches.open(CACHE);
  if (new URL(request.url).pathname === SHELL) return (await cache.match(SHELL)) || fetch(request);
  try { return await fetch(request); } catch { return (await cache.match(SHELL)) || Response.error(); }
}

async function file(request) {
  const cache = await caches.open(CACHE);
  return (await cache.match(request)) || fetch(request);
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== self.location.origin) return;
  if (request.mode === "navigate") event.respondWith(page(request));
  else if (FILES.includes(address.pathname + address.search)) event.respondWith(file(request));
});
