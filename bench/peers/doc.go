// Command peers times the operators beside scikit-learn's (and XGBoost's and LightGBM's, where they are installed): the
// same generated table, the same hyper-parameters, one thread each, in turn, in one run. It prints a Markdown table of
// CPU seconds and, with -csv, writes it to a file.
//
//	go run ./bench/peers                                  # everything, on 10,000 x 50 where the cost allows it
//	go run ./bench/peers -only 'Ridge|Lasso' -csv out.csv # some of it
//	go run ./bench/peers -trees                           # boosters and forests, sizes from 500 to 100,000 rows
//	go run ./bench/peers -growth 10000000                 # time and memory of a booster on more and more rows
//	go run ./bench/peers -quality DIR                     # boosters' scores on tables with recorded scores
//
// With -folds it lets whole systems compete on the folder of tables that bench/suite reads, on the same folds in the same
// run: this engine, default models of scikit-learn, XGBoost and LightGBM, and TPOT and FLAML with the same budget.
//
//	go run ./bench/peers -folds DIR -tables iris,sonar -fold 0 -budget 60s
//
// It needs a Python with scikit-learn; Debian's is found by itself (apt-get install python3-sklearn python3-xgboost).
// A case whose peer is not installed is named as left out. Where a peer has no probabilities it is asked for its decision
// function or labels, which is less work than ours: the comparison is then to our disadvantage. SVC is asked for
// probabilities, since ours gives nothing else. A column says how well
// each of the two fits the rows that it was given, so that no speed is bought with a worse model unnoticed.
package main
