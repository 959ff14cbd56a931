namespace GrainSensors.Benchmarks.Recovery;

/// <summary>How long something took after a kill -9. Seconds.</summary>
/// <param name="FirstRow">Until the first row that anybody wrote.</param>
/// <param name="EveryRow">Until every row of the sample was written again.</param>
/// <param name="CaughtUp">Until everything was in the rows that had been sent before the first of them was written.</param>
/// <param name="IsExact">Afterwards the rows of the sample hold each reading once.</param>
internal sealed record Recovery(double FirstRow, double EveryRow, double CaughtUp, bool IsExact);
