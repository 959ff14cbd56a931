using GrainSensors.Storage.Windows;
using Microsoft.Data.Sqlite;

namespace GrainSensors.Storage.Sqlite;

/// <summary>Opens the database file, and ensures that only one process writes it.</summary>
/// <remarks>
/// The lock is a file lock of the operating system on a file beside the database, so it always ends with the process. The lock
/// file stays: after its deletion two processes could lock two files of the same name. SQLite's exclusive mode would also lock
/// out readers, such as a report while the pipeline runs.
/// </remarks>
internal sealed class SqliteFile(string path)
{
    public string Path => System.IO.Path.GetFullPath(path);

    public bool Exists => File.Exists(path);

    public string Store => $"sqlite:{path}";

    /// <summary>Creates the directory and takes the lock.</summary>
    /// <exception cref="WindowStoreUnavailableException">
    /// Another process writes the file, or the file cannot be written.
    /// </exception>
    public FileStream LockForWriting()
    {
        try
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);
            if (Directory.Exists(Path))
            {
                throw new WindowStoreUnavailableException($"The window store {Store} is a directory; name a file.");
            }

            return new FileStream(Path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (e is not (DirectoryNotFoundException or PathTooLongException) && File.Exists(Path + ".lock"))
        {
            throw new WindowStoreUnavailableException(
                $"The window store {Store} is written by another process; stop that process, name another file, or use PostgreSQL.", e);
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
            throw new WindowStoreUnavailableException($"The window store {Store} does not exist yet.") { NeedsMigration = true };
        }

        return Open(SqliteOpenMode.ReadWrite);
    }

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

            // A pool would keep deleted files open.
            Pooling = false,
        };
        var connection = new SqliteConnection(settings.ConnectionString);
        try
        {
            connection.Open();

            // Other tools may hold a lock while they read the file.
            Pragma(connection, "busy_timeout = 10000");
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }
}
