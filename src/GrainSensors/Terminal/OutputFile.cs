using GrainSensors.Hosting.Configuration;

namespace GrainSensors.Terminal;

/// <summary>A file that a command leaves behind, named by an option.</summary>
internal static class OutputFile
{
    /// <summary>To be called before the work, which would else be done for nothing.</summary>
    /// <param name="path">Null: none is wanted.</param>
    /// <exception cref="UsageException">It cannot be written.</exception>
    public static void Require(string? path)
    {
        if (path is not null)
        {
            try
            {
                var isNew = !File.Exists(path);
                File.Open(path, FileMode.Append).Dispose();
                if (isNew)
                {
                    File.Delete(path);
                }
            }
            catch (Exception e) when (IsOfFile(e))
            {
                throw Told(path, e);
            }
        }
    }

    /// <exception cref="UsageException">It cannot be written.</exception>
    public static async Task WriteAsync(string path, Func<StreamWriter, Task> write)
    {
        try
        {
            await using var file = new StreamWriter(path);
            await write(file);
        }
        catch (Exception e) when (IsOfFile(e))
        {
            throw Told(path, e);
        }
    }

    private static bool IsOfFile(Exception e) => e is IOException or UnauthorizedAccessException or ArgumentException;

    private static UsageException Told(string path, Exception e) => new($"{path} cannot be written: {e.Message}", e);
}
