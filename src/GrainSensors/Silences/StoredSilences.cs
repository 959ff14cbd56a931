using GrainSensors.Core.Readings;
using GrainSensors.Core.Text;
using GrainSensors.Core.Time;
using GrainSensors.Hosting.Access;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Invocation;
using GrainSensors.Storage;
using GrainSensors.Storage.Names;
using GrainSensors.Storage.Windows;
using GrainSensors.Web.Api;

namespace GrainSensors.Silences;

/// <summary>Silences in a store that this process opens.</summary>
internal sealed class StoredSilences(IStore store) : ISilences
{
    public async Task<SilenceBody> AddAsync(SilenceRequest request, CancellationToken cancellationToken)
    {
        var sensor = request.SensorId is { } wanted ? await RequireAsync(wanted, cancellationToken) : (SensorRef?)null;
        var now = EpochTime.Now(TimeProvider.System);
        try
        {
            var silence = request.ToSilence(sensor?.Id, request.By!, now);
            if ((await store.Silences.ReadAsync(cancellationToken)).Count >= SilenceRequest.MaxSilences)
            {
                throw new UsageException(SilenceRequest.TooMany);
            }

            Confirmation.Announce($"Adding a silence to {store.Description}");
            await GuardAsync(() => store.Silences.AddAsync(silence, cancellationToken));
            await store.RecordAsync(AuditActions.SilenceAdd, $"{silence.Id}", silence.Scope(sensor), cancellationToken);
            var names = sensor is { } named ? new Dictionary<int, string?> { [named.Id] = named.Name } : [];
            return SilenceBody.Of(silence, names, now);
        }
        catch (FormatException e)
        {
            throw new UsageException(e.Message, e);
        }
    }

    public async Task<IReadOnlyList<SilenceBody>> ReadAsync(CancellationToken cancellationToken)
    {
        var found = await store.Silences.ReadAsync(cancellationToken);
        var names = await store.Names.NamesAmongAsync(found.Select(silence => silence.SensorId).OfType<int>(), cancellationToken);
        var now = EpochTime.Now(TimeProvider.System);
        return [.. found.Select(silence => SilenceBody.Of(silence, names, now))];
    }

    public async Task EndAsync(Guid id, CancellationToken cancellationToken)
    {
        var isKnown = (await store.Silences.ReadAsync(cancellationToken)).Any(silence => silence.Id == id);
        var isEnded = false;
        if (isKnown)
        {
            Confirmation.Announce($"Ending a silence in {store.Description}");
            await GuardAsync(async () => isEnded = await store.Silences.EndAsync(id, cancellationToken));
        }

        if (!isEnded)
        {
            throw new UsageException($"Silence {id} is unknown or has ended; `grainsensors silence list` prints silences.");
        }

        await store.RecordAsync(AuditActions.SilenceEnd, $"{id}", cancellationToken: cancellationToken);
    }

    public ValueTask DisposeAsync() => store.DisposeAsync();

    private async Task GuardAsync(Func<Task> write)
    {
        try
        {
            await write();
        }
        catch (WindowStoreUnavailableException e) when (e.IsInUse)
        {
            throw new UsageException(
                $"The window store {store.Description} is written by another process. If it is a silo, "
                + $"change its silences through its API: add --url {SiloApi.DefaultUrl()}.",
                e);
        }
    }

    /// <exception cref="UsageException">The sensor has a name that is unknown.</exception>
    private async Task<SensorRef> RequireAsync(SensorRef sensor, CancellationToken cancellationToken) =>
        (await store.Names.WithNumbersAsync([sensor], cancellationToken))[0] is { Id: not SensorName.NoNumber } known
            ? known
            : throw new UsageException(
                $"Sensor \"{PrintableText.Escape($"{sensor}")}\" is unknown: it has never reported, and is not registered in "
                + $"{store.Description}. See `grainsensors sensors list`.");
}
