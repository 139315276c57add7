#!/bin/bash
# Gates a run: the claim to $JUNIT, the words to the job's summary, the outcome to its outputs.
line=(medbench gate "$GATE" --against "$AGAINST" --max-drop "$MAX_DROP" --coverage "$COVERAGE")
"${line[@]}" --format junit > "$JUNIT"
code=$?
# An error ends with 1 as a drop does, but writes no claim.
[ -s "$JUNIT" ] || exit "$code"
"${line[@]}" --format markdown | tee -a "$GITHUB_STEP_SUMMARY"
case $code in
  0) outcome=pass ;;
  1) outcome=fail ;;
  3) outcome=undecided ;;
  *) exit "$code" ;;
esac
echo "outcome=$outcome" >> "$GITHUB_OUTPUT"
[ "$outcome" = pass ] || { [ "$outcome" = undecided ] && [ "$UNDECIDED" != fail ]; }
