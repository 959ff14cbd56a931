using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Metadata;

namespace GrainSensors.Hosting.Cluster;

/// <summary>
/// The feature level of the cluster: the lowest of its members. What an older silo cannot store or understand stays off until every
/// member has the level that brings it.
/// </summary>
/// <remarks>
/// A silo states its level in its grain manifest. Orleans gives the manifests of all active members to every silo, and asks again
/// where one does not answer. Its silo metadata is made for such values, but after a failure it is not asked for again before the
/// membership changes.
/// </remarks>
internal sealed partial class FeatureLevel(
    FeatureLevelOptions options,
    IClusterManifestProvider manifests,
    IClusterMembershipService membership,
    ILocalSiloDetails silo,
    ILogger<FeatureLevel> logger) : BackgroundService
{
    /// <summary>The level of silos that state none.</summary>
    private const int OfOlderPrograms = 0;

    private readonly Lock _gate = new();

    /// <summary>What each member has stated. A member that stops is no longer in the manifests, but still takes calls.</summary>
    private readonly Dictionary<SiloAddress, int> _stated = [];

    private int _current = OfOlderPrograms;
    private int? _logged;

    /// <summary>The level of this silo.</summary>
    public int Own => options.Level;

    /// <summary>The level of the cluster. It falls when an older silo joins.</summary>
    public int Current => Volatile.Read(ref _current);

    /// <summary>Computes the level again. Every change of the members comes with another manifest.</summary>
    internal void Update(ClusterManifest manifest, ClusterMembershipSnapshot snapshot)
    {
        var members = snapshot.Members.Values
            .Where(member => member.Status is SiloStatus.Active or SiloStatus.ShuttingDown or SiloStatus.Stopping)
            .Select(member => member.SiloAddress)
            .ToHashSet();
        lock (_gate)
        {
            _stated.Keys.Where(known => !members.Contains(known)).ToList().ForEach(gone => _stated.Remove(gone));
            foreach (var (member, stated) in manifest.Silos.Where(stated => members.Contains(stated.Key)))
            {
                _stated[member] = FeatureLevelStatement.Find(stated) ?? OfOlderPrograms;
            }

            // A silo that has not joined does not know the members yet.
            var level = members.Contains(silo.SiloAddress)
                ? members.Select(member => _stated.GetValueOrDefault(member, OfOlderPrograms)).Append(Own).Min()
                : OfOlderPrograms;
            Set(level, isSettled: members.Count > 0 && _stated.Count == members.Count);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await foreach (var manifest in manifests.Updates.WithCancellation(stoppingToken))
            {
                Update(manifest, membership.CurrentSnapshot);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The silo stops.
        }
    }

    /// <param name="isSettled">The level of each member is known. A member that has just joined states its own a moment later.</param>
    private void Set(int level, bool isSettled)
    {
        Volatile.Write(ref _current, level);
        if (isSettled && level != _logged)
        {
            if (_logged is { } before)
            {
                LogChange(logger, before, level);
            }

            _logged = level;
        }
    }

    [LoggerMessage(4113, LogLevel.Information, "The feature level of the cluster has changed from {Before} to {Level}")]
    private static partial void LogChange(ILogger logger, int before, int level);
}
