namespace GrainSensors.Replay;

/// <summary>A folder that is gone with what is in it when it is no longer needed.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("grainsensors-").FullName;

    public void Dispose()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (IOException)
        {
            // The system clears its temporary folder in time.
        }
    }
}
