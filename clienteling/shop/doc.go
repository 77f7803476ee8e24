// Package shop holds the words that every part of Homestore speaks: ids, money, actors, refusals and pages.
//
// A word is here when three top-level folders speak it and it needs only the standard library. The package keeps nothing,
// opens nothing and imports nothing of Homestore, so everything may import it.
package shop
