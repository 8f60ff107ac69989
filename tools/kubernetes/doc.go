// Package kubernetes checks what we write for Kubernetes against the types of its API, which no other part of this
// repository needs.
package kubernetes
