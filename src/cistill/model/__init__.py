"""Networks: training, prediction, ensembles and their files, conversion from and to other programs."""
