"""`medbench endpoint`.

commands  deploy, status, list, undeploy
put_up    what these and `run --with-endpoint` say before, while and after a model is put up
"""
