using GrainSensors.Storage.Windows;

namespace GrainSensors.Grains.Windows;

/// <summary>A row on its way to the store, and the version of the state that it was copied from.</summary>
internal readonly record struct RowWrite(MeasurementState State, WindowWrite Write, int Version);
