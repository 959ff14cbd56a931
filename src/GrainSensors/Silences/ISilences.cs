using GrainSensors.Hosting.Configuration;
using GrainSensors.Web.Changes;

namespace GrainSensors.Silences;

/// <summary>The silences of a store, or of a running silo.</summary>
internal interface ISilences : IAsyncDisposable
{
    /// <summary>Adds a silence, after a message that names where.</summary>
    /// <exception cref="UsageException">The silence is refused.</exception>
    Task<SilenceBody> AddAsync(SilenceRequest request, CancellationToken cancellationToken);

    /// <returns>Active and future silences, sorted by their end.</returns>
    Task<IReadOnlyList<SilenceBody>> ReadAsync(CancellationToken cancellationToken);

    /// <summary>Ends a silence now, after a message that names where.</summary>
    /// <exception cref="UsageException">The silence is unknown or has ended.</exception>
    Task EndAsync(Guid id, CancellationToken cancellationToken);
}
