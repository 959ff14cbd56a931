using GrainSensors.Core.Readings;
using GrainSensors.Storage.Windows;

namespace GrainSensors.Storage.Names;

/// <summary>
/// The numbers of named sensors (<see cref="SensorName"/>), which take the place of sensor ids inside the cluster. A number is stored
/// before it is given out, and stays that of its name for ever. Memory keeps those in use.
/// </summary>
/// <remarks>
/// Numbers belong to the life of the store: after a restore a name may have another one. Readings go to their grains with the life in
/// which the caller began to ask.
/// </remarks>
/// <exception cref="WindowStoreUnavailableException">
/// Thrown by the methods that wait if the store cannot be reached or refuses the statement. Call again.
/// </exception>
public interface ISensorNames
{
    SensorNameLimits Limits { get; }

    /// <summary>
    /// Grows before numbers that were read from the store can be found in memory. Numbers in memory are older in the store than its
    /// present value.
    /// </summary>
    long Learned { get; }

    /// <summary>Looks a number up in memory.</summary>
    /// <param name="name">The name as UTF-8.</param>
    bool TryFind(ReadOnlySpan<byte> name, out int number);

    /// <summary>Looks a name up in memory.</summary>
    bool TryFind(int number, out string name);

    /// <summary>Finds the numbers of names, and gives numbers to the new ones.</summary>
    /// <param name="names">Valid names as UTF-8 in normal form C; a name may be given several times.</param>
    /// <param name="numbers">
    /// Receives the numbers, by index; <see cref="SensorName.NoNumber"/> for new names beyond <see cref="Limits"/>.
    /// </param>
    /// <exception cref="ArgumentException">A name is invalid.</exception>
    ValueTask NumbersOfAsync(IReadOnlyList<ReadOnlyMemory<byte>> names, Memory<int> numbers, CancellationToken cancellationToken);

    /// <summary>Finds the numbers of names that people register. New ones get numbers, also beyond the <see cref="Limits"/>.</summary>
    /// <returns>The numbers, by index.</returns>
    /// <exception cref="ArgumentException">A name is invalid.</exception>
    Task<int[]> RegisterAsync(IReadOnlyList<string> names, CancellationToken cancellationToken);

    /// <summary>Finds the numbers of names, and gives none.</summary>
    /// <returns>The numbers, by index; <see cref="SensorName.NoNumber"/>: the name has none.</returns>
    ValueTask<int[]> FindAsync(IReadOnlyList<string> names, CancellationToken cancellationToken);

    /// <returns>The names of numbers, by index; null: the number has none.</returns>
    ValueTask<string?[]> NamesOfAsync(IReadOnlyList<int> numbers, CancellationToken cancellationToken);
}
