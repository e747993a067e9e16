import Foundation
import Glibc

/// The shell that starts and stops a server, and ends it when nobody holds the other end of its input any more.
///
/// PostgreSQL refuses to run as root, so root starts it as `nobody`, who may not reach the programs where they are.
struct ServerWatch {
    private let input: FileHandle
    private let output: FileHandle

    private static let script = #"""
        programs=$1 root=$2 directory=$3
        trap '' INT TERM HUP
        as=
        if [ "$(id -u)" -eq 0 ]; then
            as="setpriv --reuid=65534 --regid=65534 --clear-groups"
            chown 65534:65534 "$directory"
        fi
        cd "$directory"
        control() {
            $as "$programs/pg_ctl" -D "$directory/data" -l "$directory/log" -w -t 60 "$@"
        }
        find_programs() {
            chmod 644 verdict.conf pg_hba.conf
            if ! $as test -x "$programs/postgres"; then
                mkdir -p "$directory/copied/server"
                cp -R "$root" "$directory/copied/server/root" || return 1
                # The programs look for their libraries beside the package that they came in.
                cp -R "$root"/../../*.libs "$directory/copied" 2>/dev/null
                programs=$directory/copied/server/root/bin
            fi
        }
        make_certificate() {
            grep -q "^ssl = on" verdict.conf || return 0
            $as openssl req -new -x509 -days 30 -nodes -newkey rsa:2048 -subj /CN=localhost \
                -addext "subjectAltName = DNS:localhost, IP:127.0.0.1" \
                -out server.crt -keyout server.key || return 1
            $as chmod 600 server.key
        }
        # A copy of a running server, which follows it from then on under a name.
        clone() {
            find_programs || return 1
            $as "$programs/pg_basebackup" -D "$directory/data" --write-recovery-conf --checkpoint=fast --no-sync \
                --dbname "host=127.0.0.1 port=$1 user=postgres application_name=$2" || return 1
            make_certificate || return 1
            sed -i "/^include /d" "$directory/data/postgresql.conf"
            echo "include '$directory/verdict.conf'" >>"$directory/data/postgresql.conf"
        }
        prepare() {
            find_programs || return 1
            $as "$programs/initdb" -D "$directory/data" -U postgres --auth=trust --no-sync --locale=C \
                --encoding=UTF8 --no-instructions || return 1
            make_certificate || return 1
            echo "include '$directory/verdict.conf'" >>"$directory/data/postgresql.conf"
        }
        while read -r command how name; do
            case $command in
            prepare) prepare ;;
            clone) clone "$how" "$name" ;;
            promote) control promote ;;
            start) control start ;;
            stop) control stop -m "$how" ;;
            esac >>control 2>&1 </dev/null
            echo $?
        done
        control stop -m immediate >/dev/null 2>&1 </dev/null
        cd /
        rm -rf "$directory"
        """#

    init(_ installation: PostgresInstallation, directory: String) throws {
        let process = Process()
        let toShell = Pipe()
        let fromShell = Pipe()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = [
            "-c", Self.script, "sh", installation.programs, installation.root, directory,
        ]
        process.standardInput = toShell
        process.standardOutput = fromShell
        input = toShell.fileHandleForWriting
        output = fromShell.fileHandleForReading
        // Another child that held it would keep the server up after this process.
        _ = fcntl(input.fileDescriptor, F_SETFD, FD_CLOEXEC)
        try process.run()
    }

    /// Does a command; whether it worked.
    func perform(_ command: String) throws -> Bool {
        try input.write(contentsOf: Data("\(command)\n".utf8))
        var answer = Data()
        while let byte = try output.read(upToCount: 1), !byte.isEmpty, byte != Data("\n".utf8) {
            answer.append(byte)
        }
        return answer == Data("0".utf8)
    }
}
