using GrainSensors.Hosting.Configuration;
using GrainSensors.Storage.Files;

namespace GrainSensors.Terminal;

/// <summary>A result file of a command, named by an option.</summary>
internal static class OutputFile
{
    /// <summary>Checks before the work that the file can be written.</summary>
    /// <param name="path">The file; null: no file was requested.</param>
    /// <param name="others">Files that the command reads or writes as well.</param>
    /// <exception cref="UsageException">The file cannot be written, or it is one of the others.</exception>
    public static void Require(string? path, params IEnumerable<string?> others)
    {
        if (path is not null)
        {
            RequireOther(path, others);
            try
            {
                var isNew = !File.Exists(path);
                File.Open(path, FileMode.Append).Dispose();
                if (isNew)
                {
                    File.Delete(path);
                }
            }
            catch (Exception e) when (IsFileError(e))
            {
                throw Refusal(path, e);
            }
        }
    }

    /// <exception cref="UsageException">The file is one of the others.</exception>
    public static void RequireOther(string path, IEnumerable<string?> others)
    {
        if (others.OfType<string>().FirstOrDefault(other => FileIdentity.AreSame(path, other)) is { } other)
        {
            throw new UsageException($"{path} is the same file as {other}, which the command uses, too; name another file.");
        }
    }

    /// <exception cref="UsageException">The file cannot be written; it is empty then, as half a result looks like a whole one.</exception>
    public static async Task WriteAsync(string path, Func<StreamWriter, Task> write)
    {
        try
        {
            await using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0);
            try
            {
                await using var writer = new StreamWriter(file, leaveOpen: true);
                await write(writer);
            }
            catch (IOException)
            {
                Clear(file);
                throw;
            }
        }
        catch (Exception e) when (IsFileError(e))
        {
            throw Refusal(path, e);
        }
    }

    private static void Clear(FileStream file)
    {
        try
        {
            file.SetLength(0);
        }
        catch (IOException)
        {
            // A device has no length.
        }
    }

    private static bool IsFileError(Exception e) => e is IOException or UnauthorizedAccessException or ArgumentException;

    private static UsageException Refusal(string path, Exception e) =>
        new(Directory.Exists(path) ? $"{path} is a folder; give a file." : $"Cannot write {path}: {e.Message}", e);
}
