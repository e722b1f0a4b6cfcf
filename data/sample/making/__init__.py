"""The making of the sample borough, from the drawing of its streets to the files that its partners send."""
