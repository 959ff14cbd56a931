using GrainSensors.Hosting.Configuration;
using GrainSensors.Terminal;

namespace GrainSensors.Tests.Terminal;

/// <summary>The result file of a command.</summary>
public sealed class OutputFileTests : IDisposable
{
    private readonly TemporaryDirectory _folder = new();

    private string File => _folder.File("windows.csv");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_result_is_written()
    {
        await OutputFile.WriteAsync(File, file => file.WriteAsync("sensor_id"));

        Assert.Equal("sensor_id", await System.IO.File.ReadAllTextAsync(File, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Half_a_result_is_removed_when_the_disk_is_full()
    {
        var refusal = await Assert.ThrowsAsync<UsageException>(() => OutputFile.WriteAsync(File, async file =>
        {
            await file.WriteAsync(new string('x', 100_000));
            throw new IOException("No space left on device");
        }));

        Assert.Equal($"Cannot write {File}: No space left on device", refusal.Message);
        Assert.Equal("", await System.IO.File.ReadAllTextAsync(File, TestContext.Current.CancellationToken));
    }
}
