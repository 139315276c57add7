"""One provider made dependable: asked again, limited, recorded."""
