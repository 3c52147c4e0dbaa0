"""The default caller, `cwm_scan`: templates and decoys of CWMs slid over contributions, and confidences."""
