using GrainSensors.Hosting.Access;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Invocation;
using GrainSensors.Storage;
using GrainSensors.Storage.Windows;
using GrainSensors.Web.Changes;

namespace GrainSensors.Silences;

/// <summary>Silences in a store that this process opens.</summary>
internal sealed class StoredSilences(IStore store) : ISilences
{
    private readonly SilenceBook _book = new(
        store, TimeProvider.System, (_, action, target, detail) => store.RecordAsync(action, target, detail));

    public async Task<SilenceBody> AddAsync(SilenceRequest request, CancellationToken cancellationToken)
    {
        try
        {
            var silence = await _book.CheckAsync(request, request.By!, cancellationToken);
            Confirmation.Announce($"Adding a silence to {store.Description}");
            return await GuardAsync(() => _book.AddAsync(AuditActor.OfCommand, silence, cancellationToken));
        }
        catch (ChangeRefusedException e)
        {
            throw new UsageException(e.Message, e);
        }
    }

    public Task<IReadOnlyList<SilenceBody>> ReadAsync(CancellationToken cancellationToken) => _book.ReadAsync(cancellationToken);

    public async Task EndAsync(Guid id, CancellationToken cancellationToken)
    {
        var isKnown = (await store.Silences.ReadAsync(cancellationToken)).Any(silence => silence.Id == id);
        if (isKnown)
        {
            Confirmation.Announce($"Ending a silence in {store.Description}");
        }

        if (!isKnown || !await GuardAsync(() => _book.EndAsync(AuditActor.OfCommand, id, cancellationToken)))
        {
            throw new UsageException($"Silence {id} is unknown or has ended; `grainsensors silence list` prints silences.");
        }
    }

    public ValueTask DisposeAsync() => store.DisposeAsync();

    private async Task<T> GuardAsync<T>(Func<Task<T>> write)
    {
        try
        {
            return await write();
        }
        catch (WindowStoreUnavailableException e) when (e.IsInUse)
        {
            throw new UsageException(
                $"The window store {store.Description} is written by another process. If it is a silo, "
                + $"change its silences through its API: add --url {SiloApi.DefaultUrl()}.",
                e);
        }
    }
}
