using System.Security.Claims;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Text;
using GrainSensors.Core.Time;
using GrainSensors.Hosting.Access;
using GrainSensors.Storage;
using GrainSensors.Storage.Alerts;
using GrainSensors.Storage.Names;
using GrainSensors.Web.Access;

namespace GrainSensors.Web.Changes;

/// <summary>Silences in a store, for the API, the console and the command <c>silence</c>.</summary>
/// <param name="record">Writes to the audit log: the actor, the action, the id of the silence, and a detail.</param>
internal sealed class SilenceBook(IStore store, TimeProvider clock, Func<AuditActor, string, string, string?, Task> record)
{
    /// <summary>Whom API and console allow the changes.</summary>
    public const string Policy = AccessPolicies.Admin;

    private const int MaxQuoted = 60;

    /// <returns>Active and future silences, sorted by their end.</returns>
    public async Task<IReadOnlyList<SilenceBody>> ReadAsync(CancellationToken cancellationToken) =>
        await BodiesAsync(await store.Silences.ReadAsync(cancellationToken), cancellationToken);

    /// <returns>Silences that have ended, latest first.</returns>
    public async Task<IReadOnlyList<SilenceBody>> ReadEndedAsync(int limit, CancellationToken cancellationToken) =>
        await BodiesAsync(await store.Silences.ReadEndedAsync(limit, cancellationToken), cancellationToken);

    /// <summary>Checks a silence, and writes nothing.</summary>
    /// <param name="by">Who adds it.</param>
    /// <exception cref="ChangeRefusedException">It is invalid, its sensor is unknown, or there are too many.</exception>
    public Task<CheckedSilence> CheckAsync(SilenceRequest request, string by, CancellationToken cancellationToken) =>
        ChangeRefusedException.GuardAsync(async () =>
        {
            var sensor = request.SensorId is { } wanted ? await FindAsync(wanted, cancellationToken) : (SensorRef?)null;
            var silence = request.ToSilence(sensor?.Id, by, EpochTime.Now(clock));
            return (await store.Silences.ReadAsync(cancellationToken)).Count < SilenceRequest.MaxSilences
                ? new CheckedSilence(silence, sensor)
                : throw new ChangeRefusedException(ChangeRefusal.TooMany, SilenceRequest.TooMany);
        });

    /// <param name="silence">As <see cref="CheckAsync"/> returns it.</param>
    public async Task<SilenceBody> AddAsync(AuditActor actor, CheckedSilence silence, CancellationToken cancellationToken)
    {
        var (added, sensor) = silence;
        await store.Silences.AddAsync(added, cancellationToken);
        await record(actor, AuditActions.SilenceAdd, $"{added.Id}", added.Scope(sensor));
        var names = sensor is { } named ? new Dictionary<int, string?> { [named.Id] = named.Name } : [];
        return SilenceBody.Of(added, names, EpochTime.Now(clock));
    }

    /// <summary>Checks and adds the silence of a person or of a client of the API.</summary>
    /// <param name="isOpen">As for <see cref="Acknowledgement.Names"/>.</param>
    /// <exception cref="ChangeRefusedException">See <see cref="CheckAsync"/>.</exception>
    public async Task<SilenceBody> AddAsync(
        ClaimsPrincipal user, bool isOpen, SilenceRequest request, CancellationToken cancellationToken)
    {
        var (actor, person) = Acknowledgement.Names(request.By, user, isOpen);
        var by = actor ?? throw new ChangeRefusedException(
            ChangeRefusal.Invalid, "by is missing; send the name of the person who silences the alerts.");
        if (Acknowledgement.Refuse("by", person ?? by, Acknowledgement.MaxName) is { } invalid)
        {
            throw new ChangeRefusedException(ChangeRefusal.Invalid, invalid);
        }

        var silence = await CheckAsync(request, Acknowledgement.NamesOf(by, person), cancellationToken);
        return await AddAsync(AccessActor.Of(user), silence, cancellationToken);
    }

    /// <summary>Ends a silence now.</summary>
    /// <returns>False if no active or future silence has this id.</returns>
    public async Task<bool> EndAsync(AuditActor actor, Guid id, CancellationToken cancellationToken)
    {
        if (!await store.Silences.EndAsync(id, cancellationToken))
        {
            return false;
        }

        await record(actor, AuditActions.SilenceEnd, $"{id}", null);
        return true;
    }

    private async Task<IReadOnlyList<SilenceBody>> BodiesAsync(IReadOnlyList<Silence> found, CancellationToken cancellationToken)
    {
        var names = await store.Names.NamesAmongAsync(found.Select(silence => silence.SensorId).OfType<int>(), cancellationToken);
        var now = EpochTime.Now(clock);
        return [.. found.Select(silence => SilenceBody.Of(silence, names, now))];
    }

    private async Task<SensorRef> FindAsync(SensorRef wanted, CancellationToken cancellationToken)
    {
        var found = (await store.Names.WithNumbersAsync([wanted], cancellationToken))[0];
        return found.Id != SensorName.NoNumber
            ? found
            : throw new FormatException(
                $"Sensor \"{PrintableText.Escape($"{wanted}", MaxQuoted)}\" is unknown: it has never reported and is not registered.");
    }
}

/// <summary>A valid silence.</summary>
/// <param name="Sensor">The sensor with its name, if the silence has one.</param>
internal sealed record CheckedSilence(Silence Silence, SensorRef? Sensor);
