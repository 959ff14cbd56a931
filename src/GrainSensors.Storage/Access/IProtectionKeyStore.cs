using GrainSensors.Storage.Windows;

namespace GrainSensors.Storage.Access;

/// <summary>The table <c>data_protection_keys</c>, which the silos share.</summary>
/// <exception cref="WindowStoreUnavailableException">
/// Thrown by every method if the store cannot be reached or refuses the statement.
/// </exception>
public interface IProtectionKeyStore
{
    /// <returns>The elements, oldest first.</returns>
    Task<IReadOnlyList<string>> ReadAsync(CancellationToken cancellationToken);

    /// <param name="name">A name that only this element has.</param>
    /// <param name="quiet">
    /// The element is left out if another one was added within this time: silos that start at once all make a key, and would use
    /// different ones. Zero: the element is added in any case.
    /// </param>
    Task AddAsync(string name, string xml, TimeSpan quiet, CancellationToken cancellationToken);
}
