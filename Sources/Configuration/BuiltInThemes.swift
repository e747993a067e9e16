// Written by scripts/embed-themes from themes/*.yaml; do not edit.

/// The themes the program carries, as published, by name.
enum BuiltInThemes {
    static let files: [(name: String, text: String)] = [
        (
            "catppuccin-latte",
            #"""
            system: "base16"
            name: "Catppuccin Latte"
            author: "https://github.com/catppuccin/catppuccin"
            variant: "light"
            palette:
              base00: "eff1f5" # base
              base01: "e6e9ef" # mantle
              base02: "ccd0da" # surface0
              base03: "bcc0cc" # surface1
              base04: "acb0be" # surface2
              base05: "4c4f69" # text
              base06: "dc8a78" # rosewater
              base07: "7287fd" # lavender
              base08: "d20f39" # red
              base09: "fe640b" # peach
              base0A: "df8e1d" # yellow
              base0B: "40a02b" # green
              base0C: "179299" # teal
              base0D: "1e66f5" # blue
              base0E: "8839ef" # mauve
              base0F: "dd7878" # flamingo
            """#
        ),
        (
            "catppuccin-mocha",
            #"""
            system: "base16"
            name: "Catppuccin Mocha"
            author: "https://github.com/catppuccin/catppuccin"
            variant: "dark"
            palette:
              base00: "1e1e2e" # base
              base01: "181825" # mantle
              base02: "313244" # surface0
              base03: "45475a" # surface1
              base04: "585b70" # surface2
              base05: "cdd6f4" # text
              base06: "f5e0dc" # rosewater
              base07: "b4befe" # lavender
              base08: "f38ba8" # red
              base09: "fab387" # peach
              base0A: "f9e2af" # yellow
              base0B: "a6e3a1" # green
              base0C: "94e2d5" # teal
              base0D: "89b4fa" # blue
              base0E: "cba6f7" # mauve
              base0F: "f2cdcd" # flamingo
            """#
        ),
        (
            "default-dark",
            #"""
            system: "base16"
            name: "Default Dark"
            author: "Chris Kempson (http://chriskempson.com)"
            variant: "dark"
            palette:
              base00: "181818"
              base01: "282828"
              base02: "383838"
              base03: "585858"
              base04: "b8b8b8"
              base05: "d8d8d8"
              base06: "e8e8e8"
              base07: "f8f8f8"
              base08: "ab4642"
              base09: "dc9656"
              base0A: "f7ca88"
              base0B: "a1b56c"
              base0C: "86c1b9"
              base0D: "7cafc2"
              base0E: "ba8baf"
              base0F: "a16946"
            """#
        ),
        (
            "dracula",
            #"""
            system: "base24"
            name: "Dracula"
            author: "FredHappyface (https://github.com/fredHappyface)"
            variant: "dark"
            palette:
              base00: "282a36"
              base01: "363447"
              base02: "44475a"
              base03: "6272a4"
              base04: "9ea8c7"
              base05: "f8f8f2"
              base06: "f0f1f4"
              base07: "ffffff"
              base08: "ff5555"
              base09: "ffb86c"
              base0A: "f1fa8c"
              base0B: "50fa7b"
              base0C: "8be9fd"
              base0D: "80bfff"
              base0E: "ff79c6"
              base0F: "bd93f9"
              base10: "1e2029"
              base11: "16171d"
              base12: "f28c8c"
              base13: "eef5a3"
              base14: "a3f5b8"
              base15: "baedf7"
              base16: "a3ccf5"
              base17: "f5a3d2"
            """#
        ),
        (
            "everforest",
            #"""
            system: "base16"
            name: "Everforest"
            author: "Sainnhe Park (https://github.com/sainnhe)"
            variant: "dark"
            palette:
              base00: "2d353b" # bg0,       palette1 dark
              base01: "343f44" # bg1,       palette1 dark
              base02: "475258" # bg3,       palette1 dark
              base03: "859289" # grey1,     palette2 dark
              base04: "9da9a0" # grey2,     palette2 dark
              base05: "d3c6aa" # fg,        palette2 dark
              base06: "e6e2cc" # bg3,       palette1 light
              base07: "fdf6e3" # bg0,       palette1 light
              base08: "e67e80" # red,       palette2 dark
              base09: "e69875" # orange,    palette2 dark
              base0A: "dbbc7f" # yellow,    palette2 dark
              base0B: "a7c080" # green,     palette2 dark
              base0C: "83c092" # aqua,      palette2 dark
              base0D: "7fbbb3" # blue,      palette2 dark
              base0E: "d699b6" # purple,    palette2 dark
              base0F: "9da9a0" # grey2,     palette2 dark
            """#
        ),
        (
            "gruvbox-dark-medium",
            #"""
            system: "base16"
            name: "Gruvbox dark, medium"
            author: "Dawid Kurek (dawikur@gmail.com), morhetz (https://github.com/morhetz/gruvbox)"
            variant: "dark"
            palette:
              base00: "282828" # ----
              base01: "3c3836" # ---
              base02: "504945" # --
              base03: "665c54" # -
              base04: "bdae93" # +
              base05: "d5c4a1" # ++
              base06: "ebdbb2" # +++
              base07: "fbf1c7" # ++++
              base08: "fb4934" # red
              base09: "fe8019" # orange
              base0A: "fabd2f" # yellow
              base0B: "b8bb26" # green
              base0C: "8ec07c" # aqua/cyan
              base0D: "83a598" # blue
              base0E: "d3869b" # purple
              base0F: "d65d0e" # brown
            """#
        ),
        (
            "gruvbox-light-medium",
            #"""
            system: "base16"
            name: "Gruvbox light, medium"
            author: "Dawid Kurek (dawikur@gmail.com), morhetz (https://github.com/morhetz/gruvbox)"
            variant: "light"
            palette:
              base00: "fbf1c7" # ----
              base01: "ebdbb2" # ---
              base02: "d5c4a1" # --
              base03: "bdae93" # -
              base04: "665c54" # +
              base05: "504945" # ++
              base06: "3c3836" # +++
              base07: "282828" # ++++
              base08: "9d0006" # red
              base09: "af3a03" # orange
              base0A: "b57614" # yellow
              base0B: "79740e" # green
              base0C: "427b58" # aqua/cyan
              base0D: "076678" # blue
              base0E: "8f3f71" # purple
              base0F: "d65d0e" # brown
            """#
        ),
        (
            "kanagawa",
            #"""
            system: "base16"
            name: "Kanagawa"
            author: "Tommaso Laurenzi (https://github.com/rebelot)"
            variant: "dark"
            palette:
              base00: "1F1F28"
              base01: "16161D"
              base02: "223249"
              base03: "54546D"
              base04: "727169"
              base05: "DCD7BA"
              base06: "C8C093"
              base07: "717C7C"
              base08: "C34043"
              base09: "FFA066"
              base0A: "C0A36E"
              base0B: "76946A"
              base0C: "6A9589"
              base0D: "7E9CD8"
              base0E: "957FB8"
              base0F: "D27E99"
            """#
        ),
        (
            "nord",
            #"""
            system: "base16"
            name: "Nord"
            author: "arcticicestudio"
            variant: "dark"
            palette:
              base00: "2E3440"
              base01: "3B4252"
              base02: "434C5E"
              base03: "4C566A"
              base04: "D8DEE9"
              base05: "E5E9F0"
              base06: "ECEFF4"
              base07: "8FBCBB"
              base08: "BF616A"
              base09: "D08770"
              base0A: "EBCB8B"
              base0B: "A3BE8C"
              base0C: "88C0D0"
              base0D: "81A1C1"
              base0E: "B48EAD"
              base0F: "5E81AC"
            """#
        ),
        (
            "one-light",
            #"""
            system: "base24"
            name: "One Light"
            author: "FredHappyface (https://github.com/fredHappyface)"
            variant: "light"
            palette:
              base00: "e7e7e9"
              base01: "dfdfe1"
              base02: "cacace"
              base03: "a0a1a7"
              base04: "696c77"
              base05: "383a42"
              base06: "202227"
              base07: "090a0b"
              base08: "ca1243"
              base09: "c18401"
              base0A: "febb2a"
              base0B: "50a14f"
              base0C: "0184bc"
              base0D: "4078f2"
              base0E: "a626a4"
              base0F: "986801"
              base10: "f0f0f1"
              base11: "fafafa"
              base12: "ec2258"
              base13: "f4a701"
              base14: "6db76c"
              base15: "01a7ef"
              base16: "709af5"
              base17: "d02fcd"
            """#
        ),
        (
            "rose-pine",
            #"""
            system: "base16"
            name: "Rosé Pine"
            author: "Emilia Dunfelt <edun@dunfelt.se>"
            variant: "dark"
            palette:
              base00: "191724"
              base01: "1f1d2e"
              base02: "26233a"
              base03: "6e6a86"
              base04: "908caa"
              base05: "e0def4"
              base06: "e0def4"
              base07: "524f67"
              base08: "eb6f92"
              base09: "f6c177"
              base0A: "ebbcba"
              base0B: "31748f"
              base0C: "9ccfd8"
              base0D: "c4a7e7"
              base0E: "f6c177"
              base0F: "524f67"
            """#
        ),
        (
            "solarized-dark",
            #"""
            system: "base16"
            name: "Solarized Dark"
            author: "Ethan Schoonover (modified by aramisgithub)"
            variant: "dark"
            palette:
              base00: "002b36"
              base01: "073642"
              base02: "586e75"
              base03: "657b83"
              base04: "839496"
              base05: "93a1a1"
              base06: "eee8d5"
              base07: "fdf6e3"
              base08: "dc322f"
              base09: "cb4b16"
              base0A: "b58900"
              base0B: "859900"
              base0C: "2aa198"
              base0D: "268bd2"
              base0E: "6c71c4"
              base0F: "d33682"
            """#
        ),
        (
            "solarized-light",
            #"""
            system: "base16"
            name: "Solarized Light"
            author: "Ethan Schoonover (modified by aramisgithub)"
            variant: "light"
            palette:
              base00: "fdf6e3"
              base01: "eee8d5"
              base02: "93a1a1"
              base03: "839496"
              base04: "657b83"
              base05: "586e75"
              base06: "073642"
              base07: "002b36"
              base08: "dc322f"
              base09: "cb4b16"
              base0A: "b58900"
              base0B: "859900"
              base0C: "2aa198"
              base0D: "268bd2"
              base0E: "6c71c4"
              base0F: "d33682"
            """#
        ),
        (
            "tokyo-night-dark",
            #"""
            system: "base16"
            name: "Tokyo Night Dark"
            author: "Michaël Ball"
            variant: "dark"
            palette:
              base00: "1A1B26"
              base01: "16161E"
              base02: "2F3549"
              base03: "444B6A"
              base04: "787C99"
              base05: "A9B1D6"
              base06: "CBCCD1"
              base07: "D5D6DB"
              base08: "C0CAF5"
              base09: "A9B1D6"
              base0A: "0DB9D7"
              base0B: "9ECE6A"
              base0C: "B4F9F8"
              base0D: "2AC3DE"
              base0E: "BB9AF7"
              base0F: "F7768E"
            """#
        ),
    ]
}
