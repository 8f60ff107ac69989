// Package gp decides which tree to try next: genetic programming over pipelines with NSGA-II selection on (loss,
// complexity). It sees neither data nor operators; an Evaluator tells what a tree is worth.
//
// One loop owns the search. It asks the variation for a tree, hands it to a worker, folds results in and keeps time;
// generations are driven by eaopt. In ordered mode results are folded in the order in which their trees were made, and
// child i is made right after result i-Window was folded, so that any number of workers gives the same search; otherwise
// they are folded as they finish.
package gp
