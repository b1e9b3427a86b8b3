// Package web is the door: the HTTP API under /api/v1 with its OpenAPI document, sign-in and API
// tokens, resumable uploads (tus 1.0), server-sent events, and the small page that people use.
//
// Every route is registered through [router] with the permission that it needs (package access), and the
// check of who asks and what they may is put in front of it there; a route without one cannot be registered.
//
// What is not here: what happens to a meeting (package pipeline, used through [Pipeline]), how a
// document looks (package export, used through [Renderer]), and listening on a port (cmd/referent).
package web
