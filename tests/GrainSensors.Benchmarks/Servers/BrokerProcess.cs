namespace GrainSensors.Benchmarks.Servers;

/// <summary>The embedded broker in a process of its own, so that its work is not counted for whoever uses it.</summary>
internal sealed class BrokerProcess : IAsyncDisposable
{
    private readonly Executable _process;

    private BrokerProcess(Executable process, string bootstrapServers) => (_process, BootstrapServers) = (process, bootstrapServers);

    public string BootstrapServers { get; }

    public static async Task<BrokerProcess> StartAsync(int partitions, CancellationToken cancellationToken)
    {
        var file = Path.Combine(Path.GetTempPath(), $"grainsensors-broker-{Guid.NewGuid():N}");
        var process = Executable.Start(
            null, "broker", "--partitions", FormattableString.Invariant($"{partitions}"), "--address-file", file);
        await Patiently.UntilAsync(() => File.Exists(file), "the broker has no address", cancellationToken);
        var address = await File.ReadAllTextAsync(file, cancellationToken);
        File.Delete(file);
        return new(process, address);
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
