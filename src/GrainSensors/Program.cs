using GrainSensors;
using GrainSensors.Invocation;

return await CommandLine.InvokeAsync(CommandTree.Create(), args);
