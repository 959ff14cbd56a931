using GrainSensors.Hosting.Configuration;

namespace GrainSensors.Replay;

/// <summary>A folder that is deleted with its content.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Create();

    public void Dispose()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (IOException)
        {
            // A file is still open; the system clears its temporary folder later.
        }
    }

    private static string Create()
    {
        try
        {
            return Directory.CreateTempSubdirectory("grainsensors-").FullName;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException(
                $"The windows need a temporary folder in {System.IO.Path.GetTempPath()}: {e.Message.TrimEnd('.')}. "
                + "Set TMPDIR to a folder with space, or give --store.",
                e);
        }
    }
}
