"""The cases in Python: a module for each implementation, whose CASES make one call from the data of a case.

They are those of src/jmh/java/dev/tripoint/bench/Case.java. A call gives its results, for their size to be known.
"""
