using GrainSensors.Storage.Idempotency;
using GrainSensors.Storage.Windows;

namespace GrainSensors.Ingest.Tests.Producing;

/// <summary>The table of keys, with faults of the store or of the silo in its calls.</summary>
/// <param name="beforeAsync">Runs before a call that changes the table, with its name; throws: the call does nothing.</param>
/// <param name="afterAsync">Runs after it; throws: the silo does not learn of its success.</param>
internal sealed class FailingKeys(
    IIdempotencyKeys keys, Func<string, Task> beforeAsync, Func<string, Task>? afterAsync = null) : IIdempotencyKeys
{
    public static WindowStoreUnavailableException Away => new("The store is away.");

    public Task<StoredClaim?> FindAsync(ClaimKey key, CancellationToken cancellationToken) => keys.FindAsync(key, cancellationToken);

    public Task<bool> AddAsync(ClaimKey key, Guid token, Claim claim, TimeSpan hold, CancellationToken cancellationToken) =>
        CallAsync(nameof(AddAsync), () => keys.AddAsync(key, token, claim, hold, cancellationToken));

    public Task<bool> HoldAsync(ClaimKey key, Guid token, Guid next, TimeSpan hold, CancellationToken cancellationToken) =>
        CallAsync(nameof(HoldAsync), () => keys.HoldAsync(key, token, next, hold, cancellationToken));

    public Task<bool> AnswerAsync(ClaimKey key, Guid token, string answer, CancellationToken cancellationToken) =>
        CallAsync(nameof(AnswerAsync), () => keys.AnswerAsync(key, token, answer, cancellationToken));

    public Task<bool> RemoveAsync(ClaimKey key, Guid token, CancellationToken cancellationToken) =>
        CallAsync(nameof(RemoveAsync), () => keys.RemoveAsync(key, token, cancellationToken));

    public Task<long> RemoveExpiredAsync(CancellationToken cancellationToken) => keys.RemoveExpiredAsync(cancellationToken);

    private async Task<bool> CallAsync(string name, Func<Task<bool>> call)
    {
        await beforeAsync(name);
        var result = await call();
        await (afterAsync?.Invoke(name) ?? Task.CompletedTask);
        return result;
    }
}
