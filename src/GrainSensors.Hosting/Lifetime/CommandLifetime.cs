using Microsoft.Extensions.Hosting;

namespace GrainSensors.Hosting.Lifetime;

/// <summary>Leaves the signals to <see cref="Interruption"/>, which is there before the host: the command stops its host.</summary>
internal sealed class CommandLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
