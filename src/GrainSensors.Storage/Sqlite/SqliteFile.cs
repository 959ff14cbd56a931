using GrainSensors.Storage.Windows;
using Microsoft.Data.Sqlite;

namespace GrainSensors.Storage.Sqlite;

/// <summary>The database file: opening it, and making sure that a single process writes it.</summary>
/// <remarks>
/// The lock is the operating system's, on a file beside the database, so it ends with the process however that ends.
/// The file itself stays: deleting it would let two processes lock two files of the same name. SQLite's own exclusive
/// mode would keep out readers too, such as a report while the pipeline runs.
/// </remarks>
internal sealed class SqliteFile(string path)
{
    public string Path => System.IO.Path.GetFullPath(path);

    public bool Exists => File.Exists(path);

    public string Store => $"sqlite:{path}";

    /// <summary>Creates the directory and takes the lock.</summary>
    /// <exception cref="WindowStoreUnavailableException">Another process writes the file, or it cannot be written.</exception>
    public FileStream LockForWriting()
    {
        try
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);
            if (Directory.Exists(Path))
            {
                throw new WindowStoreUnavailableException($"The window store {Store} is a directory; name a file in it.");
            }

            return new FileStream(Path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (e is not (DirectoryNotFoundException or PathTooLongException) && File.Exists(Path + ".lock"))
        {
            throw new WindowStoreUnavailableException(
                $"The window store {Store} is written by another process; stop that one, name another file, or share windows through PostgreSQL.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new WindowStoreUnavailableException(
                $"The window store {Store} cannot be written: {e.Message.ReplaceLineEndings(" ").TrimEnd('.')}.", e);
        }
    }

    /// <summary>Opens a connection that creates the file where there is none, and waits for the disk on every commit.</summary>
    public SqliteConnection OpenForWriting()
    {
        var connection = Open(SqliteOpenMode.ReadWriteCreate);
        try
        {
            if (Pragma(connection, "journal_mode = WAL") is not "wal")
            {
                throw new WindowStoreUnavailableException(
                    $"The window store {Store} lies on a file system without shared memory, which its write-ahead log needs; use a local disk.");
            }

            // FULL waits for the disk on every commit: what was answered "written" survives a power cut.
            Pragma(connection, "synchronous = FULL");
            // 16 MiB of log between checkpoints: pages that are written again and again reach the database once.
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

    /// <summary>Opens a connection to a file that exists. Not read-only, which would keep it from sharing the log's index.</summary>
    public SqliteConnection OpenForReading()
    {
        if (!Exists)
        {
            throw new WindowStoreUnavailableException($"The window store {Store} does not exist yet; run `grainsensors migrate` first.");
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
            // A pool keeps files open that have been deleted.
            Pooling = false,
        };
        var connection = new SqliteConnection(settings.ConnectionString);
        try
        {
            connection.Open();
            // For whoever looks at the file with a tool of his own while it is in use.
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
