using GrainSensors.Storage.Files;
using GrainSensors.Storage.Windows;
using Microsoft.Data.Sqlite;

namespace GrainSensors.Storage.Sqlite;

/// <summary>Opens the database file, and ensures that only one process writes it.</summary>
/// <remarks>
/// The lock is a lock of the operating system on the database file itself, so it always ends with the process, and every path
/// to the file leads to it. SQLite uses locks of another kind, and its exclusive mode would also lock out readers, such as a
/// report while the pipeline runs. The lock must be held as long as this process has a connection: closing any handle of the
/// file ends SQLite's own locks.
/// </remarks>
internal sealed class SqliteFile(string path) : IDisposable
{
    /// <summary>
    /// How long a statement waits for the lock of another tool that reads or writes the file. Grains wait twice as long for an
    /// answer, so that the failure names the store.
    /// </summary>
    private const int BusyTimeoutSeconds = 5;

    private FileStream? _lock;
    private FileIdentity? _locked;

    public string Path => System.IO.Path.GetFullPath(path);

    public bool Exists => File.Exists(path);

    public string Store => $"sqlite:{path}";

    /// <summary>
    /// Creates the directory and the file, which only this user can read, and takes the lock until <see cref="Dispose"/>.
    /// </summary>
    /// <exception cref="WindowStoreUnavailableException">
    /// Another process writes the file, or the file cannot be written.
    /// </exception>
    public void LockForWriting()
    {
        if (_lock is not null)
        {
            return;
        }

        try
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);
            if (Directory.Exists(Path))
            {
                throw new WindowStoreUnavailableException($"The window store {Store} is a directory; name a file.");
            }

            _lock = OpenLock();
            _locked = FileIdentity.Of(Path);
            RequireOneName();
        }
        catch (WindowStoreUnavailableException)
        {
            _lock?.Dispose();
            _lock = null;
            throw;
        }
        catch (IOException e) when (IsLocked(e))
        {
            throw new WindowStoreUnavailableException(
                $"The window store {Store} is written by another process; stop that process, name another file, or use PostgreSQL.", e)
            {
                IsInUse = true,
            };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new WindowStoreUnavailableException(
                $"The window store {Store} cannot be written: {e.Message.ReplaceLineEndings(" ").TrimEnd('.')}.", e);
        }
    }

    /// <summary>Opens a connection that creates a missing file and waits for the disk on every commit.</summary>
    public SqliteConnection OpenForWriting()
    {
        var connection = Open(SqliteOpenMode.ReadWriteCreate);
        try
        {
            if (Pragma(connection, "journal_mode = WAL") is not "wal")
            {
                throw new WindowStoreUnavailableException(
                    $"The window store {Store} needs a file system with shared memory for its write-ahead log; use a local disk.");
            }

            // FULL waits for the disk on every commit, so that written rows survive a power failure.
            Pragma(connection, "synchronous = FULL");

            // 16 MiB of log between checkpoints: a page that changes often is written to the database once.
            Pragma(connection, "wal_autocheckpoint = 4096");
            Pragma(connection, "cache_size = -65536");
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Opens a connection to an existing file. Its mode is read-write, because a read-only one cannot share the index of the log.
    /// </summary>
    public SqliteConnection OpenForReading()
    {
        if (!Exists)
        {
            throw new WindowStoreUnavailableException($"The window store {Store} does not exist: there is no file {Path}.")
            {
                IsMissing = true,
            };
        }

        if (_lock is null)
        {
            RequireOneName();
        }

        return Open(SqliteOpenMode.ReadWrite);
    }

    /// <exception cref="WindowStoreUnavailableException">What this process writes is no longer under the name.</exception>
    public void RequireSameFile()
    {
        if (_locked is { } locked && FileIdentity.Of(Path) is var now && (now?.Device, now?.Inode) != (locked.Device, locked.Inode))
        {
            throw new WindowStoreUnavailableException(
                $"The window store {Store} was deleted or replaced while this process writes it; what it has written since then is lost. "
                + "Stop the process, and start it again.");
        }
    }

    public void Dispose() => _lock?.Dispose();

    /// <summary>SQLite keeps its log beside the name, so under another name the file lacks what is in the log.</summary>
    private void RequireOneName()
    {
        if (FileIdentity.Of(Path) is { Links: > 1 } file)
        {
            throw new WindowStoreUnavailableException(
                $"The window store {Store} has {file.Links} names (hard links), and only one of them leads to all data; "
                + "remove the others.");
        }
    }

    private FileStream OpenLock()
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.OpenOrCreate,
            Access = FileAccess.ReadWrite,
            Share = FileShare.None,
        };
        if (OperatingSystem.IsWindows())
        {
            // A lock of Windows would lock SQLite out, too.
            return new(Path + ".lock", options);
        }

        options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new(Path, options);
    }

    /// <summary>EWOULDBLOCK of Linux and of macOS, and ERROR_SHARING_VIOLATION.</summary>
    private static bool IsLocked(IOException e) => e.HResult is 11 or 35 or unchecked((int)0x80070020);

    private static string? Pragma(SqliteConnection connection, string pragma)
    {
        using var command = connection.CreateCommand();
        command.CommandText = $"PRAGMA {pragma}";
        return command.ExecuteScalar() as string;
    }

    private SqliteConnection Open(SqliteOpenMode mode)
    {
        var settings = new SqliteConnectionStringBuilder
        {
            DataSource = Path,
            Mode = mode,
            ForeignKeys = true,

            // A pool would keep deleted files open.
            Pooling = false,

            // The provider repeats a statement that finds the file locked; by default for 30 s.
            DefaultTimeout = BusyTimeoutSeconds,
        };
        var connection = new SqliteConnection(settings.ConnectionString);
        try
        {
            connection.Open();

            // Other tools may hold a lock while they read the file.
            Pragma(connection, $"busy_timeout = {BusyTimeoutSeconds * 1000}");
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }
}
