// Package compose reads compose.yaml by the loader of docker compose, which also checks it against the schema of the Compose
// specification. It has no code of its own.
package compose
