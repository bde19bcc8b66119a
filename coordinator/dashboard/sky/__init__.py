"""What `<sky-view>` draws, as data: fields, maps, Sun and Moon, and how all of it was before."""
